"""Split rows by what a column says."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .table import Table


def value_split(table: Table, name: str, *values: Sequence[str]) -> list[Tensor]:
    """Return the row numbers of each part, ascending; other rows are in none.

    Args:
        name: of the column
        values: for each part, what the column says in its rows

    Raises:
        TableError: the column is missing.
    """
    cells = [str(cell) for cell in table.column(name)]
    return [
        torch.tensor([row for row, cell in enumerate(cells) if cell in part]).long()
        for part in values
    ]
