"""Preparation: fill empty cells with the mean of their column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Mean:
    """Puts each column's mean in the place of nan.

    Attributes:
        values: the mean that each column had when fitted, (columns,)
    """

    takes_cells: ClassVar[bool] = False
    fills: ClassVar[bool] = True
    values: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Mean:
        """Return the filling for rows of shape (rows, columns).

        A column without any number is filled with 0.
        """
        return cls(rows.double().nanmean(dim=0).nan_to_num(0.0).to(rows.dtype))

    def __call__(self, rows: Tensor) -> Tensor:
        """Return rows of the fitted shape (rows, columns) without nan."""
        return torch.where(rows.isnan(), self.values, rows)
