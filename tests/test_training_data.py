"""What generated packages make of the data that they are given, right or wrong."""

from __future__ import annotations

import sys
from pathlib import Path

from test_training import points, run
from training_package import built
from training_specs import FUNKY


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    package = built(FUNKY, tmp_path)
    points(tmp_path / "points.csv")
    command = (sys.executable, "-m", "funky_network")
    trained = run(tmp_path, *command, "train", "--epochs", "2")
    assert trained.returncode == 0, trained.stderr
    header, *lines = (tmp_path / "points.csv").read_text().splitlines()
    assert package.load_columns(tmp_path / "runs/funky_network/weights.pt") == list("abcde")
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
