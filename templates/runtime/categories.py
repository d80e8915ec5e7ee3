"""What tells the categories of a column apart."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .table import is_empty

Category = str | int | float | bool
"""What a file of weights keeps of a cell."""


def category(cell: Any) -> Category | None:
    """Return the category of a cell; None for an empty one."""
    if isinstance(cell, Tensor):
        cell = cell.item()
    if is_empty(cell):
        return None
    return cell if isinstance(cell, Category) else str(cell)


def categories(cells: Iterable[Any]) -> list[Category]:
    """Return the categories among cells, in order: numbers, then texts."""
    known = {category(cell) for cell in cells} - {None}
    return sorted(
        (one for one in known if one is not None),
        key=lambda one: (isinstance(one, str), one),
    )


def numbered(known: Iterable[Category | None]) -> dict[Category | None, int]:
    """Return the number of each category, from 0."""
    return {one: number for number, one in enumerate(known)}


def class_numbers(cells: Iterable[Any]) -> Tensor:
    """Return a number for each cell that only cells of its category have: (rows,)."""
    found = [category(cell) for cell in cells]
    numbers = numbered(dict.fromkeys(found))
    return torch.tensor([numbers[one] for one in found])
