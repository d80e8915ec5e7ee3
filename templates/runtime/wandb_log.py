"""The rows of the log in Weights & Biases."""

from collections.abc import Mapping
from pathlib import Path

from .library import needed


class WandbLog:
    """Sends rows to a project; without a folder for the run, nothing.

    Where to, and whether at all, say wandb's own environment variables: WANDB_MODE and
    its like.
    """

    def __init__(self, run: str | Path | None, project: str) -> None:
        """Raises LibraryError where wandb is not installed."""
        wandb = needed("wandb", "wandb")
        self.run = None if run is None else wandb.init(project=project, dir=str(run))

    def write(self, row: Mapping[str, float]) -> None:
        """Send a row, which begins with its number."""
        if self.run is None:
            return
        (_, number), *measured = row.items()
        self.run.log(dict(measured), step=number)

    def end(self) -> None:
        """Wait until all is sent."""
        if self.run is not None:
            self.run.finish()
