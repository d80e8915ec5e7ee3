"""Show on stderr how training goes: a bar in a terminal, elsewhere a line a second."""

import math
import shutil
import sys
import time
from collections.abc import Mapping

BAR = 24
"""Characters that the bar takes."""
PATIENCE = 30.0
"""Seconds after which a line says that an epoch is under way, where there is no bar."""


class Progress:
    """Shows how far training is, but not more often than an eye or a log file needs."""

    def __init__(self, length: int, unit: str = "epoch", rows: int = 1) -> None:
        """
        Args:
            length: how many epochs there will be, or how many of another unit
            rows: how many rows are visited in each of them
        """
        self.length = length
        self.unit = unit
        self.rows = rows
        self.seen = self.skipped = 0
        self.row: Mapping[str, float] = {}
        self.shown: Mapping[str, float] = self.row
        self.start = self.next_time = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.next_sign = self.start + (0.0 if self.is_terminal else PATIENCE)

    def skip(self, number: int) -> None:
        """Begin where an earlier run was: after so many epochs, or another unit."""
        self.seen = self.skipped = number * self.rows

    def advance(self, rows: int) -> None:
        """Take note of some more rows."""
        self.seen += rows
        if time.monotonic() >= self.next_sign:
            self.draw()

    def show(self, row: Mapping[str, float]) -> None:
        """Take note of `row`: its number, and what was measured."""
        self.row = row
        self.seen = int(row[self.unit]) * self.rows
        if time.monotonic() >= self.next_time:
            self.draw()

    def end(self) -> None:
        """Show the last row, and leave its line."""
        if self.row is not self.shown:
            self.draw()
        if self.shown and self.is_terminal:
            print(file=sys.stderr)

    def draw(self) -> None:
        """Show now how far it is, with what was measured last."""
        self.shown = self.row
        now = time.monotonic()
        done = min(self.seen / self.rows, self.length)
        measured = [
            f"{name} {self.row[name]:.4f}" for name in self.row if name != self.unit
        ]
        count = f"{self.unit} {math.ceil(done)}/{self.length}"
        if not self.is_terminal:
            self.next_time = now + 1.0
            self.next_sign = now + PATIENCE
            line = "  ".join([count, self.speed(now), *measured])
            print(line, file=sys.stderr, flush=True)
            return
        self.next_time = self.next_sign = now + 0.1
        filled = round(BAR * done / self.length)
        bar = f"[{'=' * filled}{' ' * (BAR - filled)}]"
        line = "  ".join([f"{count} {bar} {self.speed(now)}", *measured])
        # One column stays free, or some terminals would begin a new line.
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:{width}}", end="", file=sys.stderr, flush=True)

    def speed(self, now: float) -> str:
        """Return how many rows a second are visited, and how long the rest takes."""
        # A clock may not have moved yet.
        rate = (self.seen - self.skipped) / max(now - self.start, 1e-9)
        left = max(self.length * self.rows - self.seen, 0)
        minutes, seconds = divmod(round(left / rate), 60)
        speed = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
        return f"{speed} rows/s  {minutes}:{seconds:02} left"
