"""Mistakes in what a package is given: each is told in a line, and loses nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from training_package import built
from training_specs import TWO_TABLES

SPEC = TWO_TABLES.replace('plots = ["loss"]', "").replace(
    'target = "y"\n', 'target = "y"\nsplit = { train = 0.5, validation = 0.5 }\n', 1
)
NAMES = "a,b,code,y\n"
ROWS = "1,2,0,1\n2,1,1,0\n3,1,2,0.5\n1,0,3,2\n4,2,1,1\n0,1,0,1\n2,2,2,1\n1,1,1,1\n"
TABLES = {
    "": "there are no rows",
    NAMES: "there are no rows",
    NAMES + "1,2,0,1\n": "training takes at least 2 rows, there are 0",
    NAMES.replace("b,", "c,") + ROWS: "there is no column b, only a, c, code, y",
    NAMES.replace("b,", "a,") + ROWS: "line 1: two columns are called a",
    NAMES + ROWS + "1,2,3\n": "line 10: 3 cells under 4 names",
    NAMES + ROWS + "1,2,3,4,5\n": "line 10: 5 cells under 4 names",
    NAMES + ROWS + "1,x,3,1\n": "line 10, column b: x is no finite number",
    NAMES + ROWS + "1,,3,1\n": "line 10, column b: the cell is empty",
    NAMES + ROWS + "1,nan,3,1\n": "line 10, column b: nan is no finite number",
    NAMES + ROWS + "1,2,0.5,1\n": "line 10, column code: 0.5 is no whole number of torch.int64",
    NAMES + ROWS + "1,2,3,yes\n": "line 10, column y: yes is no finite number",
}
OPTIONS = {
    "--batch-size=1": "argument --batch-size: a whole number of at least 2 is needed",
    "--batch-size=x": "argument --batch-size: a whole number of at least 2 is needed",
    "--device=cuda:99": "argument --device: cuda:99: ",
    "--device=meta": "argument --device: meta: ",
    "--epochs=0": "argument --epochs: ",
    "--data=none.csv": "none.csv",
    "--run=tables.csv": "tables.csv",
}


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """What a command of the package says last, when it refuses."""
    built(SPEC, tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables.csv").write_text(NAMES + ROWS)
    program = sys.modules["two_tables.__main__"]

    def refused(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["two_tables", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        with pytest.raises(SystemExit) as left:
            program.main()
        assert left.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    return refused


def test_mistakes_in_training_are_told_in_a_line(tmp_path: Path, told: Callable[..., str]) -> None:
    for text, said in TABLES.items():
        (tmp_path / "tables.csv").write_text(text)
        line = told("train")
        assert line.startswith("python -m two_tables: tables.csv")
        assert line.endswith(said)
    (tmp_path / "tables.csv").unlink()
    assert "tables.csv" in told("train")
    assert not (tmp_path / "runs").exists()


def test_mistakes_in_options_lose_no_run(tmp_path: Path, told: Callable[..., str]) -> None:
    package = sys.modules["two_tables"]
    trained = package.train(epochs=1)
    run = tmp_path / "runs/two_tables"
    run.mkdir(parents=True)
    package.save(trained.model, trained.preparation, run / "weights.pt")
    before = (run / "weights.pt").read_bytes()
    for option, said in OPTIONS.items():
        assert said in told("train", option)
    assert (run / "weights.pt").read_bytes() == before
    (tmp_path / "rows.csv").write_text("a,code\n1,2\n")
    assert told("predict", "rows.csv").endswith("there is no column b, only a, code")
    assert "none.csv" in told("predict", "none.csv")
    assert "nowhere/weights.pt: train" in told("evaluate", "--run", "nowhere")
    (run / "weights.pt").write_bytes(before[:100])
    assert "weights.pt does not hold" in told("evaluate")
    saved = {"model": nn.Linear(2, 2).state_dict(), "preparation": {}}
    torch.save(saved, run / "weights.pt")
    assert told("evaluate").endswith("weights.pt holds the preparation of another model")
    saved["preparation"] = trained.preparation.state()
    torch.save(saved, run / "weights.pt")
    assert "weights.pt holds another model" in told("evaluate")
