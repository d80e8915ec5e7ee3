"""The mean of what a loss was in the batches of a while."""

from typing import Any

import torch
from torch import Tensor

from .progress import Progress


class Losses:
    """The losses of batches, which stay on their device until they are asked for.

    Reading a number earlier would make each step wait for the device.
    """

    def __init__(self, progress: Progress) -> None:
        """
        Args:
            progress: is told of each batch
        """
        self.progress = progress
        self.values: list[Tensor] = []
        self.rows: list[int] = []
        self.weights: list[Tensor] = []

    def add(self, value: Tensor, rows: int, weight: Tensor | None = None) -> None:
        """Take note of a batch.

        Args:
            value: its loss
            rows: how many it has
            weight: what counts for it in the mean, where that is not its rows
        """
        self.values.append(value)
        self.rows.append(rows)
        if weight is not None:
            self.weights.append(weight)
        self.progress.advance(rows)

    def take_mean(self) -> float:
        """Return the mean over all rows since a number was last taken."""
        weights = torch.tensor(self.rows)
        if self.weights:
            weights = torch.stack(self.weights).cpu()
        weights = weights.double()
        values = torch.stack(self.values).cpu().double()
        # Without any weight, a batch's loss is no number.
        total = torch.where(weights > 0, values * weights, 0.0).sum()
        self.clear()
        return (total / weights.sum()).item()

    def take_sum(self) -> float:
        """Return the sum over all batches since a number was last taken."""
        total = torch.stack(self.values).cpu().double().sum()
        self.clear()
        return total.item()

    def clear(self) -> None:
        """Forget all batches."""
        self.values, self.rows, self.weights = [], [], []

    def state_dict(self) -> dict[str, Any]:
        """Return what was noted since a number was last taken."""
        return {
            "values": torch.stack(self.values) if self.values else None,
            "rows": self.rows,
            "weights": torch.stack(self.weights) if self.weights else None,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.values = [] if state["values"] is None else list(state["values"])
        self.rows = list(state["rows"])
        self.weights = [] if state["weights"] is None else list(state["weights"])
