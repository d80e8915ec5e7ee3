"""Read a column of a CSV file whose numbers have bounds."""

import math

import torch
from torch import Tensor

from .csv_table import Table, TableError, numbers


def bounded(
    table: Table,
    name: str,
    dtype: torch.dtype,
    low: float = -math.inf,
    high: float = math.inf,
) -> Tensor:
    """Return a column of numbers from `low` to `high`: (rows, 1).

    Raises:
        TableError: the column is missing, or a cell is no such number.
    """
    column = numbers(table, [name], dtype)
    inside = (column >= low) & (column <= high)
    if not inside.all():
        cell = table[name][inside.flatten().int().argmin()]
        raise TableError(f"column {name}: {cell} is not between {low:g} and {high:g}")
    return column
