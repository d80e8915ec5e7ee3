"""Preparation: a column of 0 and 1 for each category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from .categories import Category, categories, category, numbered


@dataclass(frozen=True, eq=False)
class OneHot:
    """Tells for each category whether it is that of the cell; all are 0 for others.

    Attributes:
        categories: of each column, in order
    """

    takes_cells: ClassVar[bool] = True
    fills: ClassVar[bool] = False
    categories: list[list[Category]]

    @classmethod
    def fit(cls, columns: Sequence[Sequence[Any]]) -> OneHot:
        """Return the encoding for columns like these."""
        return cls([categories(cells) for cells in columns])

    def __call__(self, columns: Sequence[Sequence[Any]]) -> Tensor:
        """Return 0 and 1: (rows, all categories) float32."""
        found = []
        for cells, known in zip(columns, self.categories, strict=True):
            places = numbered(known)
            column = torch.zeros(len(cells), len(known))
            for row, cell in enumerate(cells):
                place = places.get(category(cell))
                if place is not None:
                    column[row, place] = 1.0
            found.append(column)
        return torch.cat(found, dim=1)
