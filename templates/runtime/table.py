"""Rows with named columns, and how their cells become numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Column = Tensor | Sequence[Any]
"""A cell for each row: numbers, or texts; an empty cell is None or an empty text."""


class TableError(ValueError):
    """A table that does not hold what was expected."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by their names.

    Attributes:
        name: what messages call the table, such as its file
        columns: of equal lengths; tensors may have further dimensions
        rows: the number by which messages call each row
        unit: what is numbered: rows, or the lines of a file
    """

    name: str
    columns: Mapping[str, Column]
    rows: Sequence[int]
    unit: str = "row"

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: Tensor) -> Table:
        order = rows.tolist()
        columns = {
            name: column[rows]
            if isinstance(column, Tensor)
            else [column[row] for row in order]
            for name, column in self.columns.items()
        }
        return Table(self.name, columns, [self.rows[row] for row in order], self.unit)

    def column(self, name: str) -> Column:
        """Return the cells of a column. Raises TableError where there is none."""
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise TableError(f"{self.name}: there is no column {name}, only {known}")
        return self.columns[name]

    def error(self, row: int, name: str, said: str) -> TableError:
        """Return what is to be raised for the cell of a row, counted from 0."""
        cell = self.column(name)[row]
        said = "the cell is empty" if is_empty(cell) else f"{shown(cell)} {said}"
        place = f"{self.name}, {self.unit} {self.rows[row]}"
        return TableError(f"{place}, column {name}: {said}")


def make_table(name: str, columns: Mapping[str, Column]) -> Table:
    """Return a table whose rows are numbered from 1.

    Raises:
        TableError: there are no rows, or columns differ in length.
    """
    lengths = {key: len(column) for key, column in columns.items()}
    if not any(lengths.values()):
        raise TableError(f"{name}: there are no rows")
    first, count = next(iter(lengths.items()))
    for key, length in lengths.items():
        if length != count:
            said = f"{first} has {count} rows, {key} has {length}"
            raise TableError(f"{name}: {said}")
    return Table(name, columns, range(1, count + 1))


def feature_names(table: Table, but: Sequence[str]) -> list[str]:
    """Return the names of all columns but some.

    Raises:
        TableError: there are no others, or one that is to be left out is missing.
    """
    for name in but:
        table.column(name)
    names = [name for name in table.columns if name not in but]
    if not names:
        raise TableError(f"{table.name}: there are no columns beside {', '.join(but)}")
    return names


def numbers(
    table: Table,
    names: Sequence[str],
    dtype: torch.dtype,
    *,
    shape: Sequence[int] | None = None,
    has_gaps: bool = False,
) -> Tensor:
    """Return the numbers in some columns: (rows, *shape).

    Args:
        shape: of a row; by default its numbers one after the other, of which columns
            that are tensors of further dimensions give several
        has_gaps: whether cells may be empty; they become nan

    Raises:
        TableError: a column is missing, a cell is not a finite number of the dtype, or
            a row has more or fewer numbers than the shape.
    """
    found = [number_column(table, name, dtype, has_gaps) for name in names]
    whole_rows = torch.cat(found, dim=1)
    return whole_rows if shape is None else shaped(table, names, whole_rows, shape)


def shaped(
    table: Table, names: Sequence[str], rows: Tensor, shape: Sequence[int]
) -> Tensor:
    """Return rows of numbers in another shape: (rows, *shape).

    Args:
        names: of the columns that they were read from

    Raises:
        TableError: a row has more or fewer numbers.
    """
    seen, expected = rows.shape[1], math.prod(shape)
    if seen != expected:
        said = f"{', '.join(names)} give {seen} numbers a row, expected {expected}"
        raise TableError(f"{table.name}: {said}")
    return rows.reshape(-1, *shape)


def number_column(
    table: Table, name: str, dtype: torch.dtype, has_gaps: bool
) -> Tensor:
    """Return one column as `numbers` does: (rows, numbers a row)."""
    cells = table.column(name)
    if not isinstance(cells, Tensor):
        cells = parsed(table, name, cells, dtype)
    cells = cells.reshape(len(table), -1)
    column = cells.to(dtype)
    fits = column.isfinite() if dtype.is_floating_point else column == cells
    if has_gaps:
        fits |= cells.isnan()
    if not fits.all():
        row = int(fits.all(dim=1).int().argmin())
        is_number = dtype.is_floating_point and bool(cells[row].isfinite().all())
        said = f"does not fit {dtype}" if is_number else f"is no {kind_of(dtype)}"
        raise table.error(row, name, said)
    return column


def parsed(table: Table, name: str, cells: Sequence[Any], dtype: torch.dtype) -> Tensor:
    """Return cells as numbers, in the widest dtype of their kind; empty ones are nan.

    A cell may be a list of numbers, as long as those of other rows.
    """
    values = []
    for row, cell in enumerate(cells):
        try:
            parts = cell if isinstance(cell, list | tuple) else [cell]
            values.append([parsed_cell(part, dtype) for part in parts])
        except (TypeError, ValueError, OverflowError):
            raise table.error(row, name, f"is no {kind_of(dtype)}") from None
        if len(values[row]) != len(values[0]):
            said = f"has {len(values[row])} numbers, other rows have {len(values[0])}"
            raise table.error(row, name, said)
    exact = torch.float64 if dtype.is_floating_point else torch.int64
    return torch.tensor(values, dtype=exact)


def parsed_cell(cell: Any, dtype: torch.dtype) -> float:
    """Return a cell as a number. Raises ValueError where it is none of the dtype."""
    if dtype.is_floating_point:
        return math.nan if is_empty(cell) else float(cell)
    return whole(cell)


def whole(cell: Any) -> int:
    """Return a cell as a whole number. Raises ValueError for fractions."""
    number = int(cell)
    if not isinstance(cell, str) and number != cell:
        raise ValueError
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return number


def is_empty(cell: Any) -> bool:
    """Return whether there is nothing in a cell: None, nan or a blank text."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or bool(not isinstance(cell, Tensor) and cell != cell)


def shown(cell: Any) -> str:
    """Return a cell as messages show it, shortened if it is long."""
    text = str(cell.tolist() if isinstance(cell, Tensor) else cell)
    return text if len(text) <= 40 else f"{text[:40]}…"


def kind_of(dtype: torch.dtype) -> str:
    """Return what messages call the numbers of a dtype."""
    if dtype.is_floating_point:
        return "finite number"
    return "true or false" if dtype == torch.bool else f"whole number of {dtype}"


def require_rows(table: Table, part: str, fewest: int) -> None:
    """Raise TableError where there are too few rows for a part of the data."""
    if len(table) < fewest:
        said = f"{part} takes at least {fewest} rows, there are {len(table)}"
        raise TableError(f"{table.name}: {said}")
