"""Read the rows to predict from JSON Lines: one object a line, by input name."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Row = dict[str, Any]


class RowError(ValueError):
    """A row that does not hold what the model takes."""


def read_rows(path: str, names: Sequence[str]) -> list[Row]:
    """Return the rows of a JSON Lines file, or of standard input where path is "-".

    Raises:
        RowError: the text is not UTF-8, or a line that is not blank is not an object
            with exactly the keys `names`.
    """
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RowError(f"{path} is not UTF-8: {error}") from error
    rows: list[Row] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RowError(f"line {number}: {error}") from error
        if not isinstance(row, dict) or row.keys() != set(names):
            keys = ", ".join(names)
            raise RowError(f"line {number}: expected an object with the keys: {keys}")
        rows.append(row)
    if not rows:
        raise RowError("there are no rows")
    return rows


def stack(
    rows: Sequence[Row], name: str, shape: Sequence[int], dtype: torch.dtype
) -> Tensor:
    """Return one input of all rows as a tensor: (rows, *shape).

    Raises:
        RowError: a value has another shape, or does not fit the dtype.
    """
    # Python's numbers would be float32 at first, and lose digits of a float64.
    kind = dtype if dtype.is_floating_point else None
    values = []
    for number, row in enumerate(rows, start=1):
        try:
            value = torch.tensor(row[name], dtype=kind)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise RowError(f"row {number}: {name}: {error}") from error
        if value.shape != tuple(shape) or not torch.can_cast(value.dtype, dtype):
            raise RowError(
                f"row {number}: {name}: expected {dtype} of shape {tuple(shape)}, "
                f"got {value.dtype} of shape {tuple(value.shape)}"
            )
        values.append(value.to(dtype))
    return torch.stack(values)
