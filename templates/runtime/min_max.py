"""Preparation: scale every feature to the range 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class MinMax:
    """Scales each feature by the range that it had when fitted.

    Attributes:
        low: each feature's smallest value, (...)
        span: its largest value less its smallest; 1 where it never varied, (...)
    """

    takes_cells: ClassVar[bool] = False
    fills: ClassVar[bool] = False
    low: Tensor
    span: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> MinMax:
        """Return the scaling for rows of shape (rows, ...)."""
        low, high = rows.amin(dim=0), rows.amax(dim=0)
        span = torch.where(high > low, high - low, 1.0)
        return cls(low, span)

    def __call__(self, rows: Tensor) -> Tensor:
        """Return rows of the fitted shape (rows, ...), scaled."""
        return (rows - self.low) / self.span
