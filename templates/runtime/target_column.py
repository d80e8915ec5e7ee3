"""Read a column that a loss compares with: numbers of classes, or within bounds."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .table import Table, numbers


def labels(
    table: Table,
    name: str,
    allowed: Sequence[int],
    dtype: torch.dtype,
    shape: Sequence[int] = (),
) -> Tensor:
    """Return a column of numbers that stand for classes: (rows, *shape).

    Raises:
        TableError: the column is missing, or a cell is not one of the `allowed`.
    """
    column = numbers(table, [name], dtype, shape=shape)
    known = torch.isin(column, torch.tensor(allowed, dtype=dtype))
    known = known.reshape(len(table), -1).all(dim=1)
    if not known.all():
        listed = ", ".join(map(str, allowed))
        said = f"is none of the classes {listed}"
        raise table.error(int(known.int().argmin()), name, said)
    return column


def bounded(
    table: Table,
    names: Sequence[str],
    dtype: torch.dtype,
    shape: Sequence[int],
    low: float = -math.inf,
    high: float = math.inf,
) -> Tensor:
    """Return columns of numbers from `low` to `high`: (rows, *shape).

    Raises:
        TableError: a column is missing, or a cell is no such number.
    """
    for name in names:
        column = numbers(table, [name], dtype)
        inside = ((column >= low) & (column <= high)).all(dim=1)
        if not inside.all():
            said = f"is not between {low:g} and {high:g}"
            raise table.error(int(inside.int().argmin()), name, said)
    return numbers(table, names, dtype, shape=shape)
