"""Preparation: fill empty cells with the median of their column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Median:
    """Puts each column's median in the place of nan.

    Attributes:
        values: the median that each column had when fitted, (columns,)
    """

    takes_cells: ClassVar[bool] = False
    fills: ClassVar[bool] = True
    values: Tensor

    @classmethod
    def fit(cls, rows: Tensor) -> Median:
        """Return the filling for rows of shape (rows, columns).

        A column without any number is filled with 0.
        """
        return cls(rows.nanquantile(0.5, dim=0).nan_to_num(0.0))

    def __call__(self, rows: Tensor) -> Tensor:
        """Return rows of the fitted shape (rows, columns) without nan."""
        return torch.where(rows.isnan(), self.values, rows)
