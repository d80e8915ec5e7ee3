"""What generated packages make of the data that they are given, right or wrong."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from test_lists import XOR
from test_training import points, run, submodule, tables
from torch import nn
from training_package import built, problems_of
from training_specs import DIGITS, FUNKY, NETWORK, TWO_TABLES

CLASSES = FUNKY.replace("out_features = 1", "out_features = 3").replace(
    '[[loss]]\ntype = "BCEWithLogitsLoss"', '[loss]\ntype = "CrossEntropyLoss"'
)
CLASSES = "".join(
    part for part in (CLASSES[: CLASSES.index("[[loss]]")], CLASSES[CLASSES.index("[optimizer]") :])
).replace("early_stopping = {", 'metrics = ["accuracy"]\nearly_stopping = {')


def rows_of(data: ModuleType, path: Path) -> Any:
    """All rows of a table, as the model takes them."""
    table = data.load_table(path)
    return data.Preparation.fit(table)(table)


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    package = built(FUNKY, tmp_path)
    points(tmp_path / "points.csv")
    command = (sys.executable, "-m", "funky_network")
    trained = run(tmp_path, *command, "train", "--epochs", "2")
    assert trained.returncode == 0, trained.stderr
    header, *lines = (tmp_path / "points.csv").read_text().splitlines()
    preparation = package.load_preparation(tmp_path / "runs/funky_network/weights.pt")
    assert preparation.features.columns[0].names == list("abcde")
    names = header.split(",")
    order = ["label", "e", "c", "a", "b", "d"]
    reordered = [",".join([*order, "more"])]
    for line in lines:
        row = dict(zip(names, line.split(","), strict=True))
        reordered.append(",".join([*(row[name] for name in order), "text"]))
    (tmp_path / "reordered.csv").write_text("\n".join(reordered) + "\n")
    expected = run(tmp_path, *command, "predict", "points.csv").stdout
    assert expected.count("\n") == 300
    assert run(tmp_path, *command, "predict", "reordered.csv").stdout == expected
    evaluated = run(tmp_path, *command, "evaluate", "--data", "reordered.csv").stdout
    assert evaluated == trained.stdout
    (tmp_path / "renamed.csv").write_text("\n".join([header.replace("c,", "x,"), *lines]))
    renamed = run(tmp_path, *command, "predict", "renamed.csv")
    assert renamed.returncode == 2
    assert "there is no column c" in renamed.stderr


@pytest.mark.parametrize(
    ("spec", "label", "accepted"),
    [
        (FUNKY, "1.0", True),
        (FUNKY, "2", False),
        (FUNKY, "-1", False),
        (FUNKY, "0.5", False),
        (FUNKY, "nan", False),
        (CLASSES, "2", True),
        (CLASSES, "3", False),
        (CLASSES, "-1", False),
        (CLASSES, "-100", False),
        (
            CLASSES.replace('"CrossEntropyLoss"', '"CrossEntropyLoss"\nignore_index = -1'),
            "-1",
            True,
        ),
    ],
)
def test_targets_are_classes(tmp_path: Path, spec: str, label: str, accepted: bool) -> None:
    data = submodule(built(spec, tmp_path), "data")
    path = tmp_path / "points.csv"
    path.write_text(f"a,b,c,d,e,label\n1,2,3,4,5,0\n1,2,3,4,5,{label}\n")
    if accepted:
        assert rows_of(data, path).target.flatten().tolist() == [0, float(label)]
        return
    with pytest.raises(ValueError, match=f"line 3, column label: {label or 'the cell'} is"):
        rows_of(data, path)


@pytest.mark.parametrize(
    "arguments",
    ["weight = [1.0, 5.0, 0.25]", "ignore_index = -1", "weight = [1, 5, 2]\nignore_index = 2"],
)
def test_the_loss_of_an_epoch_is_that_of_its_rows(tmp_path: Path, arguments: str) -> None:
    spec = CLASSES.replace('"CrossEntropyLoss"', f'"CrossEntropyLoss"\n{arguments}')
    spec = spec.replace("lr = 0.04", "lr = 0.0").replace("weight_decay = 0.0", "weight_decay = 0.5")
    scheduler = spec[spec.index("[scheduler]") : spec.index("[training]")]
    package = built(spec.replace(scheduler, ""), tmp_path)
    classes = [0, 1, 2] if arguments.startswith("weight") else [0, 1, -1]
    rows = [f"{i % 7},{i % 5},{i % 3},{i % 4},1,{classes[i * i % 3]}" for i in range(90)]
    rows += [f"{i},1,1,1,1,{classes[2]}" for i in range(20)]
    (tmp_path / "points.csv").write_text("\n".join(["a,b,c,d,e,label", *rows]))
    torch.manual_seed(1)
    trained = package.train(tmp_path / "points.csv", epochs=1)
    train = submodule(package, "train")
    parts = submodule(package, "data").load_parts(tmp_path / "points.csv")
    data = trained.preparation(parts.train)
    loss_fn = train.build_loss()
    expected = loss_fn(trained.model(data.features), data.target).item()
    assert trained.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)
    measured = train.evaluate(trained.model, loss_fn, data)["accuracy"]
    kept = data.target != loss_fn.ignore_index
    right = trained.model(data.features).argmax(dim=1) == data.target
    assert measured == pytest.approx(right[kept].float().mean().item())


def test_lists_may_hold_only_targets_that_are_told_to_be_ignored() -> None:
    classes = XOR.replace("out_features = 1", "out_features = 2")
    classes = classes.replace("[0, 1, 1, 0]", "[0, 1, 1, -100]")
    classes = classes.replace("BCEWithLogitsLoss", "CrossEntropyLoss")
    assert [problem.where for problem in problems_of(classes)] == ["data.target[3]"]


def test_rows_are_predicted_where_the_model_is(tmp_path: Path) -> None:
    package = built(DIGITS, tmp_path)
    trained = package.train(epochs=1)
    seen = []
    model = trained.model.to("meta")  # a device that every machine has, and keeps no values
    model.register_forward_pre_hook(lambda _, rows: seen.append(rows[0].device.type))
    with pytest.raises(NotImplementedError, match="meta"):
        package.predict(model, trained.preparation, torch.rand(3, 1, 8, 8))
    assert seen == ["meta"]


@pytest.mark.parametrize("rows", [1, 2])
def test_too_few_rows_are_refused(tmp_path: Path, rows: int) -> None:
    package = built(TWO_TABLES, tmp_path)
    tables(tmp_path / "tables.csv", rows)
    if rows == 2:
        assert math.isfinite(package.train(tmp_path / "tables.csv").history[-1]["train_loss"])
        return
    with pytest.raises(ValueError, match="training takes at least 2 rows, there are 1"):
        package.train(tmp_path / "tables.csv")


def test_a_part_without_rows_is_refused(tmp_path: Path) -> None:
    package = built(FUNKY, tmp_path)
    points(tmp_path / "points.csv", 2)
    with pytest.raises(ValueError, match="validation takes at least 1 rows, there are 0"):
        package.train(tmp_path / "points.csv")


def test_early_stopping_says_which_epoch_it_returned_to(tmp_path: Path) -> None:
    package = built(FUNKY, tmp_path)
    points(tmp_path / "points.csv")
    trained = package.train(tmp_path / "points.csv")
    losses = [row["validation_loss"] for row in trained.history]
    assert trained.best_epoch == 1 + losses.index(min(losses))


def test_the_command_line_refuses_with_a_line(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    command = (sys.executable, "-m", "network")
    trained = run(tmp_path, *command, "train", "--epochs", "1")
    assert json.loads(trained.stdout)["part"] == "train"
    weights = tmp_path / "runs/network/weights.pt"
    saved = weights.read_bytes()
    (tmp_path / "latin.jsonl").write_bytes("{} é".encode("latin-1"))
    torch.save(nn.Linear(1, 1).state_dict(), weights)
    calls = [(("evaluate",), "another model"), (("predict", "latin.jsonl"), "UTF-8")]
    calls += [
        (("train", "--device", "foo"), "--device"),
        (("train", "--device", "xpu:9"), "--device"),
        (("train", "--seed", str(2**63)), "--seed"),
    ]
    for arguments, message in calls:
        refused = run(tmp_path, *command, *arguments)
        assert refused.returncode == 2, refused.stderr
        assert message in refused.stderr
        assert "Traceback" not in refused.stderr
    load = sys.modules["network"].load
    for content in (b"garbage", b"", saved[:100]):
        weights.write_bytes(content)
        with pytest.raises(ValueError, match=r"weights.pt does not hold"):
            load(weights)


def test_a_model_is_measured_before_anything_is_drawn(tmp_path: Path) -> None:
    built(NETWORK, tmp_path)
    (tmp_path / "matplotlib.py").write_text("raise ImportError")
    trained = run(tmp_path, sys.executable, "-m", "network", "train", "--epochs", "1")
    assert trained.returncode == 2
    assert json.loads(trained.stdout)["part"] == "train"


def test_data_is_compared_by_identity(tmp_path: Path) -> None:
    data = submodule(built(TWO_TABLES, tmp_path), "data")
    tables(tmp_path / "tables.csv", 4)
    rows = rows_of(data, tmp_path / "tables.csv")
    assert rows == rows
    assert rows != rows_of(data, tmp_path / "tables.csv")
