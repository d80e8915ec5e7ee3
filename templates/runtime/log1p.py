"""Preparation: the logarithm of 1 plus each number."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Log1p:
    """Takes log(1 + x)."""

    takes_cells: ClassVar[bool] = False
    fills: ClassVar[bool] = False

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the logarithms of rows of any shape; below -1 there are none."""
        return torch.log1p(rows)
