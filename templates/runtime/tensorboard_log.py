"""The rows of the log in TensorBoard."""

from collections.abc import Mapping
from pathlib import Path

from .library import needed


class TensorBoardLog:
    """Writes rows beside the log of a run; without a folder for the run, nothing."""

    def __init__(self, run: str | Path | None) -> None:
        """Raises LibraryError where tensorboard is not installed."""
        needed("tensorboard", "tensorboard")
        tensorboard = needed("torch.utils.tensorboard", "tensorboard")
        self.writer = None if run is None else tensorboard.SummaryWriter(str(run))

    def write(self, row: Mapping[str, float]) -> None:
        """Write a row, which begins with its number."""
        if self.writer is None:
            return
        (_, number), *measured = row.items()
        for name, value in measured:
            self.writer.add_scalar(name, value, number)
        self.writer.flush()

    def end(self) -> None:
        """Close the file."""
        if self.writer is not None:
            self.writer.close()
