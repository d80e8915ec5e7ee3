"""The log of a run: what was measured, shown on stderr and kept in a file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .progress import Progress


class LogError(ValueError):
    """A log that is not what was written."""


class Log:
    """The rows of a run, each with the number of its epoch and what was measured in it.

    With a folder for the run, each row is also a line of its file log.jsonl, which is
    there as soon as the row is.

    Attributes:
        rows: what was written so far
    """

    def __init__(
        self,
        run: str | Path | None,
        length: int,
        unit: str = "epoch",
        *,
        rows: int = 1,
    ) -> None:
        """
        Args:
            run: a folder, which is made
            length: how many epochs there will be, or how many of another unit
            unit: what rows of the log are counted by
            rows: how many rows of the data are visited in each
        """
        self.rows: list[dict[str, float]] = []
        self.unit = unit
        self.progress = Progress(length, unit, rows)
        self.path = None if run is None else Path(run, "log.jsonl")
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)

    @property
    def done(self) -> int:
        """The number of the last row, 0 where there is none."""
        return int(self.rows[-1][self.unit]) if self.rows else 0

    def until(self, length: int, every: int) -> Iterator[int]:
        """Yield the number of the next row until `length` is reached."""
        while self.done < length:
            yield min(self.done + every, length)

    def write(self, row: dict[str, float]) -> None:
        """Show and keep one more row; the first one begins the file anew."""
        if self.path is not None:
            with self.path.open("a" if self.rows else "w") as file:
                print(json.dumps(row), file=file)
        self.rows.append(row)
        self.progress.show(row)

    def end(self) -> None:
        """Show the last row."""
        self.progress.end()

    def state_dict(self) -> dict[str, Any]:
        """Return the rows."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on after some rows: the file has these again, and no later ones."""
        self.rows = list(state["rows"])
        if self.path is not None:
            lines = "".join(json.dumps(row) + "\n" for row in self.rows)
            aside = self.path.with_suffix(".unfinished")
            aside.write_text(lines)
            aside.replace(self.path)
        self.progress.skip(self.done)


def read_log(run: str | Path) -> list[dict[str, float]]:
    """Return the rows that a run has kept.

    Raises LogError where there is none, or where a line is not what `Log` has written.
    """
    path = Path(run, "log.jsonl")
    rows: list[dict[str, float]] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            row = json.loads(line)
        except ValueError:  # no JSON, or no text
            row = None
        if not isinstance(row, dict) or (rows and row.keys() != rows[0].keys()):
            raise LogError(f"{path}: line {number} is no row of a log, train anew")
        rows.append(row)
    if not rows:
        raise LogError(f"{path} has no rows: train at least one epoch")
    return rows
