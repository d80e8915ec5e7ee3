"""Show on stderr how training goes: a bar in a terminal, elsewhere a line a second."""

import shutil
import sys
import time
from collections.abc import Mapping

BAR = 24
"""Characters that the bar takes."""


class Progress:
    """Shows the newest epoch, but not more often than an eye or a log file needs."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.row: Mapping[str, float] = {}
        self.shown: Mapping[str, float] = self.row
        self.start = self.next_time = time.monotonic()
        self.is_terminal = sys.stderr.isatty()

    def show(self, row: Mapping[str, float]) -> None:
        """Take note of `row`: the number of its epoch, and what was measured in it."""
        self.row = row
        if time.monotonic() >= self.next_time:
            self.draw()

    def end(self) -> None:
        """Show the last epoch, and leave its line."""
        if self.row is not self.shown:
            self.draw()
        if self.shown and self.is_terminal:
            print(file=sys.stderr)

    def draw(self) -> None:
        """Show the newest epoch now."""
        self.shown = self.row
        epoch = self.row["epoch"]
        measured = [
            f"{name} {self.row[name]:.4f}" for name in self.row if name != "epoch"
        ]
        count = f"epoch {epoch}/{self.epochs}"
        if not self.is_terminal:
            self.next_time = time.monotonic() + 1.0
            print("  ".join([count, *measured]), file=sys.stderr, flush=True)
            return
        self.next_time = time.monotonic() + 0.1
        filled = round(BAR * epoch / self.epochs)
        bar = f"[{'=' * filled}{' ' * (BAR - filled)}]"
        line = "  ".join([f"{count} {bar} {self.time_left()}", *measured])
        # One column stays free, or some terminals would begin a new line.
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:{width}}", end="", file=sys.stderr, flush=True)

    def time_left(self) -> str:
        """Return how long it will take if the next epochs are like those before."""
        epoch = self.row["epoch"]
        each = (time.monotonic() - self.start) / epoch
        minutes, seconds = divmod(round(each * (self.epochs - epoch)), 60)
        return f"{minutes}:{seconds:02} left"
