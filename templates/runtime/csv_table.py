"""Read the columns of a CSV file as numbers."""

import csv
from collections.abc import Sequence, Sized
from pathlib import Path

import torch
from torch import Tensor

Table = dict[str, list[str]]
"""The cells of each column, by its name."""


class TableError(ValueError):
    """A table that does not hold what was expected."""


def read_csv(path: str | Path) -> Table:
    """Return the columns of a CSV file by the names in its first line.

    Raises:
        TableError: the file is not CSV in UTF-8, there are no rows, a name stands
            twice, or a row has more or fewer cells than there are names.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            lines = [(reader.line_num, row) for row in reader if row]
        except (UnicodeDecodeError, csv.Error) as error:
            raise TableError(f"{path} is not CSV in UTF-8: {error}") from error
    names = lines[0][1] if lines else []
    for number, row in lines:
        if len(row) != len(names):
            place = f"{path}, line {number}"
            raise TableError(f"{place}: {len(row)} cells under {len(names)} names")
    rows = [row for _, row in lines[1:]]
    if not rows:
        raise TableError(f"{path}: there are no rows")
    if len(set(names)) < len(names):
        raise TableError(f"{path}: two columns have the same name")
    return {name: list(cells) for name, *cells in zip(names, *rows, strict=True)}


def feature_names(table: Table, target: str | None, expected: int) -> list[str]:
    """Return the names of all columns but the target's, if there is one.

    Raises:
        TableError: these are not as many as `expected`.
    """
    names = [name for name in table if name != target]
    if len(names) != expected:
        found = ", ".join(names)
        raise TableError(f"expected {expected} columns of features, found {found}")
    return names


def numbers(table: Table, names: Sequence[str], dtype: torch.dtype) -> Tensor:
    """Return some columns as a tensor of shape (rows, names).

    Raises:
        TableError: a column is missing, or a cell is not a finite number of the dtype.
    """
    parse = float if dtype.is_floating_point else int
    columns = []
    for name in names:
        if name not in table:
            raise TableError(f"there is no column {name}, only {', '.join(table)}")
        try:
            values = list(map(parse, table[name]))
            column = torch.tensor(values, dtype=dtype)
            if parse is int and column.tolist() != values:
                raise OverflowError(f"there are numbers that do not fit {dtype}")
        except (ValueError, OverflowError, RuntimeError) as error:
            raise TableError(f"column {name}: {error}") from error
        if not column.isfinite().all():
            cell = table[name][column.isfinite().int().argmin()]
            raise TableError(f"column {name}: {cell} is no finite number")
        columns.append(column)
    return torch.stack(columns, dim=1)


def labels(
    table: Table, name: str, allowed: Sequence[int], dtype: torch.dtype
) -> Tensor:
    """Return a column of numbers that stand for classes: (rows, 1).

    Raises:
        TableError: the column is missing, or a cell is not one of the `allowed`.
    """
    column = numbers(table, [name], dtype)
    known = torch.isin(column, torch.tensor(allowed, dtype=dtype))
    if not known.all():
        cell = table[name][known.flatten().int().argmin()]
        listed = ", ".join(map(str, allowed))
        raise TableError(f"column {name}: {cell} is none of the classes {listed}")
    return column


def require_rows(rows: Sized, part: str, fewest: int) -> None:
    """Raise TableError where there are too few rows for a part of the data."""
    if len(rows) < fewest:
        raise TableError(f"{part} takes at least {fewest} rows, there are {len(rows)}")
