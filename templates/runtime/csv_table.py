"""Read the columns of a CSV file as numbers."""

import csv
from pathlib import Path

import torch
from torch import Tensor


def read_csv(path: str | Path) -> dict[str, list[str]]:
    """Return the cells of a CSV file by the names in its first line.

    Raises:
        ValueError: there are no rows, or one has more or fewer cells than names.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        names = next(reader, [])
        rows = []
        for row in reader:
            if len(row) != len(names):
                place = f"{path}, line {reader.line_num}"
                raise ValueError(f"{place}: {len(row)} cells under {len(names)} names")
            rows.append(row)
    if not rows:
        raise ValueError(f"{path}: there are no rows")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def numbers(table: dict[str, list[str]], name: str, dtype: torch.dtype) -> Tensor:
    """Return one column as a tensor of shape (rows,).

    Raises:
        ValueError: there is no such column, or a cell is not a number of the dtype.
    """
    if name not in table:
        raise ValueError(f"there is no column {name!r}, only {', '.join(table)}")
    parse = float if dtype.is_floating_point else int
    try:
        return torch.tensor([parse(cell) for cell in table[name]], dtype=dtype)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}") from error
