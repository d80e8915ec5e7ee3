"""Data frames, arrays, lists and tensors as tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from .kinds import column_of
from .table import Column, Table, TableError, make_table


def as_table(rows: Any, names: Sequence[str]) -> Table:
    """Return rows of any kind as a table.

    Args:
        rows: a table, a data frame or a mapping by the names of columns; or an array,
            tensor or list of rows that has these columns, in order
        names: of the columns that are read

    Raises:
        TableError: a column is missing, or there are others.
    """
    if isinstance(rows, Table):
        return rows
    if hasattr(rows, "columns") or isinstance(rows, Mapping):
        missing = [name for name in names if name not in rows]
        if missing:
            known = ", ".join(map(str, rows))
            raise TableError(f"there is no column {missing[0]}, only {known}")
        return make_table("the rows", {name: column_of(rows[name]) for name in names})
    if isinstance(rows, list | tuple):
        lines = [row if isinstance(row, list | tuple) else (row,) for row in rows]
        for number, line in enumerate(lines, start=1):
            if len(line) != len(names):
                said = f"{len(line)} cells for {', '.join(names)}"
                raise TableError(f"the rows, row {number}: {said}")
        cells: list[Column] = [list(column) for column in zip(*lines, strict=True)]
        return make_table("the rows", dict(zip(names, cells, strict=False)))
    array = column_of(rows)
    if not isinstance(array, Tensor):
        return as_table(array, names)
    columns = array.reshape(len(array), -1)
    if len(names) == 1:
        return make_table("the rows", {names[0]: columns})
    if columns.shape[1] != len(names):
        said = f"{columns.shape[1]} columns for {', '.join(names)}"
        raise TableError(f"the rows: {said}")
    return make_table("the rows", dict(zip(names, columns.unbind(dim=1), strict=True)))
