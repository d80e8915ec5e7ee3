"""Preparation: number the categories of each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from .categories import Category, categories, category, numbered


@dataclass(frozen=True, eq=False)
class Index:
    """Gives each category its number, from 1; 0 stands for those that are unknown.

    Attributes:
        categories: of each column, in order
    """

    takes_cells: ClassVar[bool] = True
    fills: ClassVar[bool] = False
    categories: list[list[Category]]

    @classmethod
    def fit(cls, columns: Sequence[Sequence[Any]]) -> Index:
        """Return the numbering for columns like these."""
        return cls([categories(cells) for cells in columns])

    def __call__(self, columns: Sequence[Sequence[Any]]) -> Tensor:
        """Return the numbers: (rows, columns) int64."""
        found = []
        for cells, known in zip(columns, self.categories, strict=True):
            numbers = numbered(known)
            found.append([numbers.get(category(cell), -1) + 1 for cell in cells])
        return torch.tensor(found, dtype=torch.int64).T
