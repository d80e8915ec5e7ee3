"""Whether `specc check` starts as fast as an earlier revision, whose catalogue was smaller.

    python benchmarks/catalogue.py REVISION [--runs N]

Both revisions are checked out into a temporary folder, compiled, and started in turns on the same
spec. The growth of the catalogue of layers, functions, losses, … is to cost next to nothing.
"""

from __future__ import annotations

import argparse
import compileall
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from statistics import median

from cold_start import SPEC, Cost, cost_of, environment, spread

ROOT = Path(__file__).parent.parent
PROMISE = 1.05
"""The later revision takes at most so many times as long as the earlier one."""


def checkout(revision: str, folder: Path) -> Path:
    """Lays the package `specc` of a revision out as it is installed; gives the folder to import
    from."""
    archive = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    for name in ("spec", "compiler", "templates", "examples"):
        (folder / name).rename(folder / "specc" / name)
    compileall.compile_dir(folder / "specc", quiet=1)
    return folder


def started(folder: Path) -> Cost:
    """What `specc check` of the package in a folder takes."""
    command = [sys.executable, "-m", "specc", "check", str(SPEC)]
    return cost_of(command, environment() | {"PYTHONPATH": str(folder)}, folder)


def main() -> None:
    """Prints what both take, and the ratio."""
    parser = argparse.ArgumentParser(description="The cold start before and after a revision.")
    parser.add_argument("revision", help="the earlier one")
    parser.add_argument("--runs", type=int, default=20, help="pairs to measure, at least 2")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before = checkout(given.revision, Path(folder) / "before")
        after = checkout("HEAD", Path(folder) / "after")
        pairs = [(started(before), started(after)) for _ in range(max(given.runs, 2) + 1)][1:]
    print("                       clock                         processor")
    for place, name in enumerate(("before", "after")):
        clock = [pair[place].clock for pair in pairs]
        processor = [pair[place].processor for pair in pairs]
        print(f"{name:8} {spread(clock):>28} {spread(processor):>30}")
    clock_ratio = median(after.clock / before.clock for before, after in pairs)
    ratio = median(after.processor / before.processor for before, after in pairs)
    print(f"ratio    {clock_ratio:>10.3f} {ratio:>30.3f}")
    print(f"promise  at most {PROMISE}")


if __name__ == "__main__":
    main()
