"""The means of what several losses were in the batches of a while, by their names."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .progress import Progress


class NamedLosses:
    """The losses of batches, which stay on their device until they are asked for."""

    def __init__(self, progress: Progress | None = None) -> None:
        """
        Args:
            progress: is told of each batch
        """
        self.progress = progress
        self.values: dict[str, list[Tensor]] = {}
        self.rows: list[int] = []

    def note(self, values: Mapping[str, Tensor]) -> None:
        """Take note of some of the losses of a batch."""
        for name, value in values.items():
            # What several steps are made on counts as it was at the first one.
            noted = self.values.setdefault(name, [])
            if len(noted) == len(self.rows):
                noted.append(value.detach())

    def count(self, rows: int) -> None:
        """Say how many rows the batch has whose losses were noted."""
        self.rows.append(rows)
        if self.progress is not None:
            self.progress.advance(rows)

    def take_means(self) -> dict[str, float]:
        """Return the means over all rows since they were last taken."""
        weights = torch.tensor(self.rows).double()
        means = {}
        for name, noted in self.values.items():
            values = torch.stack(noted).cpu().double()
            means[name] = ((values * weights).sum() / weights.sum()).item()
        self.values, self.rows = {}, []
        return means

    def state_dict(self) -> dict[str, Any]:
        """Return what was noted since the means were last taken."""
        return {"values": self.values, "rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.values = {name: list(noted) for name, noted in state["values"].items()}
        self.rows = list(state["rows"])
