"""Split rows by a column of times."""

from collections.abc import Sequence

import torch
from torch import Tensor

from .in_order import in_order
from .table import Table, is_empty


def time_split(table: Table, name: str, fractions: Sequence[float]) -> list[Tensor]:
    """Return the row numbers of each part, in order of time.

    Rows of the same time stay in the order of the table.

    Args:
        name: of the column of times: numbers, or texts of which earlier ones come
            first in the alphabet, such as 2024-01-31
        fractions: the share of each part, adding up to 1

    Raises:
        TableError: the column is missing, or a cell is empty.
    """
    cells = table.column(name)
    for row, cell in enumerate(cells):
        if is_empty(cell):
            raise table.error(row, name, "is no time")
    try:
        keys = [float(cell) for cell in cells]
    except (TypeError, ValueError):
        keys = [str(cell) for cell in cells]  # type: ignore[misc]
    order = torch.tensor(sorted(range(len(table)), key=keys.__getitem__))
    return [order[part] for part in in_order(len(table), fractions)]
