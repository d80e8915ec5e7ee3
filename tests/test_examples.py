"""The examples learn what they are there to show: `specc run`, as a user types it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ACCURACY = {"digits": 0.985, "breast_cancer": 0.97}
"""Of the rows that are kept for the test, at least so many are told right."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCURACY)
def test_an_example_learns(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    specc = Path(sys.executable).parent / "specc"
    run = subprocess.run(
        [specc, "run", f"examples/{name}.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    [result] = [line for line in run.stdout.splitlines() if line.startswith("{")]
    assert json.loads(result)["accuracy"] >= ACCURACY[name]
    assert (tmp_path / "runs" / name / "loss.png").stat().st_size > 0
