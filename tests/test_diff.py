"""What `specc diff` says, for whom it says it, and where it reads.

A case is a pair of specs in `diffs/`, with what is told of them in a file beside them. `python
tests/test_diff.py --write` writes what is told now; read it before committing.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest

from specc.cli import specc as commands
from specc.cli.errors import Stop

FOLDER = Path(__file__).parent / "diffs"
CASES = sorted(path.name.removesuffix(".old.toml") for path in FOLDER.glob("*.old.toml"))
BREAKING = {
    "block": {"checkpoints", "callers"},
    "callers": {"checkpoints", "callers"},
    "renamed": {"checkpoints"},
    "renumbered": {"checkpoints"},
    "renumbered_container": {"checkpoints"},
    "removed_unnamed": {"checkpoints"},
    "shapes": {"checkpoints", "callers"},
    "sizes": {"callers"},
    "tensors": {"checkpoints"},
    "untrained": {"callers"},
}
"""Of each case what breaks; of others nothing does."""


def diff(*arguments: str) -> tuple[int, str]:
    """The status of a run of `specc diff`, and what it says."""
    status, out = 0, io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            commands.main(["diff", *arguments], prog_name="specc", standalone_mode=False)
        except Stop as stop:
            status = stop.status
        except click.UsageError as error:
            status = 2
            out.write(f"specc: {error.format_message()}\n")
    return status, out.getvalue()


def case(name: str, *arguments: str) -> tuple[int, str]:
    """Likewise of a case, whose specs are called old.toml and new.toml."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for side in ("old", "new"):
            text = (FOLDER / f"{name}.{side}.toml").read_text("utf-8")
            Path(f"{side}.toml").write_text(text, "utf-8")
        return diff(*arguments, "old.toml", "new.toml")


@pytest.mark.parametrize("name", CASES)
def test_says_what_is_expected(name: str) -> None:
    assert case(name)[1] == (FOLDER / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", CASES)
def test_what_breaks_is_the_status(name: str) -> None:
    breaking = BREAKING.get(name, set())
    status, text = case(name, "--format", "json")
    found = json.loads(text)
    assert set(found["breaks"]) == breaking
    assert status == (1 if breaking else 0)
    assert {change["kind"] for change in found["changes"] if change["breaks"]} == breaking
    allowed = [word for kind in sorted(breaking) for word in ("--allow", kind)]
    assert case(name, *allowed)[0] == 0
    if len(breaking) > 1:
        assert case(name, *allowed[:2])[0] == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18.toml", "zoo/densenet121.toml", "zoo/gpt2.toml"])
def test_it_takes_less_than_twice_the_time_of_both_checks(name: str) -> None:
    """The best of several runs of each, in processes of their own, as users start them."""
    spec = str(FOLDER.parent.parent / "examples" / name)

    def best(*arguments: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "specc", *arguments], check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best("diff", spec, spec) < 2 * best("check", spec, spec)


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    for each in CASES:
        (FOLDER / f"{each}.txt").write_text(case(each)[1], "utf-8")
