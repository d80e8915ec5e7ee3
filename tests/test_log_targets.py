"""The rows of the log arrive where `log.to` says, with the real libraries where they are there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from plain_loop import LAYERS, TRAINING
from training_package import built, files_of, problems_of

SGD = '[optimizer]\ntype = "SGD"\nlr = 0.1\n'
STOPPING = 'early_stopping = { monitor = "validation_loss", patience = 1 }\n'
SPLIT = "random_state = 101\nsplit = { train = 0.6, validation = 0.4, seed = 0 }"


def spec_with(log: str) -> str:
    layers = LAYERS.replace("random_state = 101", SPLIT)
    return f"{layers}{SGD}{TRAINING}{STOPPING}log = {log}\n"


def trained(name: str, folder: Path) -> list[dict[str, float]]:
    """The rows in the log of a run that early stopping may end."""
    package = built(spec_with(f'{{ to = ["{name}"] }}'), folder)
    package.train(run=folder / "run")
    package.train(epochs=1)  # without a folder nothing is written
    lines = (folder / "run" / "log.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is missing")
    accumulator: Any = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is missing"
    )
    rows = trained("tensorboard", tmp_path)
    events = accumulator.EventAccumulator(str(tmp_path / "run")).Reload()
    assert set(events.Tags()["scalars"]) == set(rows[0]) - {"epoch"}
    for name in set(rows[0]) - {"epoch"}:
        found = [(event.step, event.value) for event in events.Scalars(name)]
        assert found == [(row["epoch"], pytest.approx(row[name])) for row in rows]


def test_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow: Any = pytest.importorskip("mlflow", reason="mlflow is missing")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri(f"file:{tmp_path / 'mlruns'}")
    rows = trained("mlflow", tmp_path)
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("net")
    [run] = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    history = client.get_metric_history(run.info.run_id, "validation_loss")
    found = [(point.step, point.value) for point in history]
    assert found == [(row["epoch"], row["validation_loss"]) for row in rows]


def test_wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb: Any = pytest.importorskip("wandb", reason="wandb is missing")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    logged: list[tuple[Any, Any]] = []
    init = wandb.init

    def started(**options: Any) -> Any:
        run = init(**options)
        log = run.log

        def noted(values: Any, step: Any) -> None:
            logged.append((values, step))
            log(values, step=step)

        run.log = noted
        return run

    monkeypatch.setattr(wandb, "init", started)
    rows = trained("wandb", tmp_path)
    assert logged == [
        ({name: value for name, value in row.items() if name != "epoch"}, row["epoch"])
        for row in rows
    ]
    assert list((tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb"))


def test_a_library_that_is_missing_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = built(spec_with('{ to = ["wandb"] }'), tmp_path)
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ImportError, match=r"wandb is needed: pip install 'specc-torch\[wandb\]'"):
        package.train(run=tmp_path / "run")


def test_rows_go_there_before_training_stops() -> None:
    text = files_of(spec_with('{ to = ["tensorboard", "mlflow"] }'))[1]["train.py"]
    written = text.index("tensorboard.write(log.rows[-1])")
    assert text.index("log.write(") < written < text.index("early_stopping.note(")
    assert 'mlflow = MLflowLog(run, "net")' in text
    assert text.index("log.end()") < text.index("mlflow.end()")


@pytest.mark.parametrize(
    ("log", "code", "where"),
    [
        ('{ to = ["tensorbord"] }', "invalid-value", "training.log.to[0]"),
        ('{ to = ["mlflow", "mlflow"] }', "duplicate-name", "training.log.to[1]"),
        ("{ every = 5 }", "contradicting-keys", "training.log.every"),
    ],
)
def test_mistakes_are_reported_at_their_place(log: str, code: str, where: str) -> None:
    assert [(p.code, p.where) for p in problems_of(spec_with(log))] == [(code, where)]
