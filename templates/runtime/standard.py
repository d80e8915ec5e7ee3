"""Preparation: bring every feature to mean 0 and standard deviation 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Standard:
    """Shifts and scales each feature by what it was like when fitted.

    Attributes:
        mean: each feature's mean, (...)
        deviation: its standard deviation; 1 where it never varied, (...)
    """

    takes_cells: ClassVar[bool] = False
    fills: ClassVar[bool] = False
    mean: Tensor
    deviation: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Standard:
        """Return the scaling for rows of shape (rows, ...)."""
        # In float64, as a large mean would drown small deviations; and rounding makes
        # a feature that never varies deviate a little from its mean.
        mean = rows.double().mean(dim=0).to(rows.dtype)
        deviation = rows.double().std(dim=0, correction=0).to(rows.dtype)
        varies = (rows.amin(dim=0) < rows.amax(dim=0)) & (deviation > 0)
        return cls(mean, torch.where(varies, deviation, 1.0))

    def __call__(self, rows: Tensor) -> Tensor:
        """Return rows of the fitted shape (rows, ...), scaled."""
        return (rows - self.mean) / self.deviation
