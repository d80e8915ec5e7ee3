"""The commands of a package: what they import, what may be chosen, what they leave alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from test_distributed import SPEC as DISTRIBUTED
from test_training import run
from training_package import built, files_of
from training_specs import NETWORK

from specc.templates.runtime import log

PYTHON = sys.executable
BATCHES = NETWORK.replace('batch_size = "all"', "batch_size = 16").replace(
    "epochs = 200", "epochs = 3"
)
SGD = 'type = "SGD"\nlr = 0.1'
ONE_CYCLE = '[scheduler]\ntype = "OneCycleLR"\nmax_lr = 0.1\n'
"""What says all rates itself."""
GROUPS = f'{SGD}\nparam_groups = [{{ match = "*.bias", lr = 0.2 }}]'


def imported(folder: Path, *statements: str, text: str = "") -> set[str]:
    """The modules that a program has loaded when it ends."""
    told = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    program = "\n".join([told, *statements])
    done = run(folder, PYTHON, "-c", program, text=text)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.fixture(scope="module")
def of_torch(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What importing torch loads, and reading weights."""
    folder = tmp_path_factory.mktemp("alone")
    torch.save({}, folder / "weights.pt")
    reads = "torch.load('weights.pt', weights_only=True)"
    return imported(folder, "import torch, runpy", reads)


@pytest.mark.parametrize("spec", [NETWORK, DISTRIBUTED, DISTRIBUTED.replace("ddp", "fsdp")])
@pytest.mark.parametrize("command", [["--help"], ["train", "--help"], ["summary"], ["predict"]])
def test_only_training_waits_for_more_than_torch(
    tmp_path: Path, of_torch: set[str], spec: str, command: list[str]
) -> None:
    name = built(spec, tmp_path).__name__
    made = sys.modules[name]
    rows = ""
    if command == ["predict"]:
        model = vars(made)["Network" if spec == NETWORK else "Par"]()
        made.save(model, tmp_path / "weights.pt")
        command, rows = ["predict", "-", "--run", str(tmp_path)], '{"features": [1, 2, 3, 4, 5]}'
    loaded = imported(
        tmp_path,
        f"sys.argv = {['main', *command]!r}",
        "import runpy",
        f"runpy.run_module({name!r}, run_name='__main__')",
        text=rows,
    )
    libraries = {module.partition(".")[0] for module in loaded - of_torch}
    assert libraries - {name} <= sys.stdlib_module_names
    assert not any(module.startswith("torch") for module in loaded - of_torch)


def test_what_a_caller_chooses_is_what_a_spec_would_say(tmp_path: Path) -> None:
    spec = BATCHES.replace("lr = 0.1", "lr = 0.5").replace("batch_size = 16", "batch_size = 9")
    chosen = built(BATCHES, tmp_path).train(lr=0.5, batch_size=9)
    (tmp_path / "said").mkdir()
    said = built(spec, tmp_path / "said").train()
    assert chosen.history == said.history
    (tmp_path / "plain").mkdir()
    assert chosen.history != built(BATCHES, tmp_path / "plain").train().history


def test_where_training_counts_steps_a_batch_is_as_large_as_chosen(tmp_path: Path) -> None:
    text = BATCHES.replace("epochs = 3", "steps = 20")
    chosen = built(text, tmp_path).train(batch_size=9)
    (tmp_path / "said").mkdir()
    said = built(text.replace("batch_size = 16", "batch_size = 9"), tmp_path / "said").train()
    assert chosen.history == said.history


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(BATCHES + ONE_CYCLE, id="a scheduler that says all rates"),
        pytest.param(BATCHES.replace(SGD, GROUPS), id="groups with rates of their own"),
    ],
)
def test_there_is_no_rate_to_choose_where_there_are_several(spec: str) -> None:
    _, files = files_of(spec)
    assert "lr: float" not in files["train.py"]
    assert '"--lr"' not in files["__main__.py"]
    assert '"--batch-size"' in files["__main__.py"]


def test_options_are_refused_in_a_line(tmp_path: Path) -> None:
    normed = BATCHES.replace('  "ReLU",', '  "ReLU",\n  "BatchNorm1d",', 1)
    assert normed != BATCHES
    built(normed, tmp_path)
    for option, value in (("--lr", "nan"), ("--lr", "inf"), ("--lr", "-1"), ("--batch-size", "1")):
        refused = run(tmp_path, PYTHON, "-m", "network", "train", f"{option}={value}")
        assert refused.returncode == 2
        assert option in refused.stderr.splitlines()[-1]
        assert "Traceback" not in refused.stderr


def train(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(folder, PYTHON, "-m", "network", "train", "--epochs", "1", *options)


def test_an_earlier_run_is_set_aside(tmp_path: Path) -> None:
    built(NETWORK.replace('plots = ["loss", "probabilities"]', ""), tmp_path)
    weights = []
    for seed in "012":
        done = train(tmp_path, "--seed", seed)
        assert done.returncode == 0, done.stderr
        weights.append((tmp_path / "runs/network/weights.pt").read_bytes())
    assert "the earlier run in runs/network is now in runs/network-2" in done.stderr
    kept = [tmp_path / f"runs/network-{number}/weights.pt" for number in (1, 2)]
    assert [path.read_bytes() for path in kept] == weights[:2]
    assert len({*weights}) == 3


def test_a_run_that_comes_to_nothing_leaves_the_earlier_one_where_it_was(tmp_path: Path) -> None:
    text = NETWORK.replace('plots = ["loss", "probabilities"]', "")
    built(text, tmp_path)
    assert train(tmp_path).returncode == 0
    before = (tmp_path / "runs/network/weights.pt").read_bytes()
    (tmp_path / "sklearn.py").write_text("raise OSError('no rows')")
    failed = train(tmp_path)
    assert failed.returncode == 2
    assert "no rows" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (tmp_path / "runs/network/weights.pt").read_bytes() == before
    assert not (tmp_path / "runs/network-1").exists()


def test_the_current_folder_is_not_set_aside(tmp_path: Path) -> None:
    built(NETWORK.replace('plots = ["loss", "probabilities"]', ""), tmp_path)
    assert train(tmp_path, "--run", ".").returncode == 0
    refused = train(tmp_path, "--run", ".")
    assert refused.returncode == 2
    assert refused.stderr == "python -m network: . has an earlier run: choose another --run\n"


def test_what_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    (tmp_path / "matplotlib.py").write_text("raise ImportError('matplotlib is broken')")
    row = '{"features": [1, 2, 3, 4, 5]}'
    missing = run(tmp_path, PYTHON, "-m", "network", "predict", "-", text=row)
    said = "there is no runs/network/weights.pt: train a model first"
    assert missing.stderr == f"python -m network: {said}\n"
    trained = train(tmp_path)
    assert trained.returncode == 2
    assert trained.stderr.splitlines()[-1] == "python -m network: matplotlib is broken"


def test_a_damaged_log_is_said_in_a_line(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    kept = tmp_path / "runs" / "network" / "log.jsonl"
    kept.parent.mkdir(parents=True)
    row = b'{"epoch": 1, "train_loss": 0.5}\n'
    for text, said in {
        b"": "has no rows: train at least one epoch",
        row + b'{"epo': "line 2 is no row of a log, train anew",
        row + b"[2, 0.4]\n": "line 2 is no row of a log, train anew",
        row + b'{"epoch": 2}\n': "line 2 is no row of a log, train anew",
        b"\xff\xfe\n": "line 1 is no row of a log, train anew",
    }.items():
        kept.write_bytes(text)
        with pytest.raises(log.LogError, match=said):
            log.read_log(kept.parent)
    kept.write_bytes(row)
    assert log.read_log(kept.parent) == [{"epoch": 1, "train_loss": 0.5}]
    kept.write_bytes(b"")
    told = run(tmp_path, PYTHON, "-m", "network", "plot")
    said = "runs/network/log.jsonl has no rows: train at least one epoch"
    assert (told.returncode, told.stderr) == (2, f"python -m network: {said}\n")


def test_a_package_offers_what_its_commands_do(tmp_path: Path) -> None:
    package = built(BATCHES, tmp_path)
    trained = package.train(epochs=1)
    package.save(trained.model, tmp_path / "weights.pt")
    model = package.load(tmp_path / "weights.pt")
    answers = package.predict(model, [[1.0, 2.0, 3.0, 4.0, 5.0]])
    assert 0 < answers[0][0] < 1
    rows = sys.modules["network.data"].load_data()
    measured = package.evaluate(model, torch.nn.BCELoss(), rows)
    assert json.dumps(measured) == json.dumps(
        package.evaluate(trained.model, torch.nn.BCELoss(), rows)
    )
    assert set(package.__all__) == {"Network", "evaluate", "load", "predict", "save", "train"}
