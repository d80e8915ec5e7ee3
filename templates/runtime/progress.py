"""Tell on stderr how training goes, at most one line a second."""

import sys
import time
from collections.abc import Mapping


class Progress:
    """Prints the first and the last epoch, and between them one line a second."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.next_time = time.monotonic()

    def show(self, row: Mapping[str, float]) -> None:
        """Print `row`: the number of its epoch, and what was measured in it."""
        now = time.monotonic()
        if now < self.next_time and row["epoch"] < self.epochs:
            return
        self.next_time = now + 1.0
        measured = [f"{name} {row[name]:.4f}" for name in row if name != "epoch"]
        line = "  ".join([f"epoch {row['epoch']}/{self.epochs}", *measured])
        print(line, file=sys.stderr, flush=True)
