"""Rows of several kinds: data frames, arrays, lists and tensors, and answers alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

Rows = TypeVar("Rows")
"""A data frame, an array, a tensor or a list of rows."""


class KindError(ValueError):
    """Rows that do not hold what the model takes."""


def column_of(cells: Any) -> Any:
    """Return a column, array or tensor as a tensor, or as a list if it holds texts."""
    if isinstance(cells, Tensor):
        return cells.cpu()
    if isinstance(cells, list | tuple):
        return list(cells)
    array = cells.to_numpy() if hasattr(cells, "to_numpy") else cells
    return (
        torch.from_numpy(array.copy()) if array.dtype.kind in "fiub" else array.tolist()
    )


def as_tensor(rows: Any, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Return rows of any kind as a tensor: (rows, *shape).

    Raises:
        KindError: they are no numbers, or rows of another shape.
    """
    try:
        found = torch.as_tensor(column_of(rows), dtype=dtype)
    except (TypeError, ValueError, RuntimeError) as error:
        raise KindError(f"the rows are no {dtype}: {error}") from error
    if found.shape[1:] != tuple(shape):
        try:
            return found.reshape(len(found), *shape)
        except (RuntimeError, TypeError):
            seen, expected = tuple(found.shape[1:]), tuple(shape)
            said = f"rows of shape {seen}, expected {expected}"
            raise KindError(f"the rows: {said}") from None
    return found


def like(rows: Rows, answers: Tensor) -> Rows:
    """Return answers as what `rows` are: a data frame with its index, an array, …

    Those to a series are a series, or a data frame if there are several to a row.
    """
    given: Any = rows
    found: Any = answers.cpu()
    if hasattr(rows, "index") and hasattr(rows, "to_numpy"):
        flat = found.reshape(len(found), -1).numpy()
        is_column = not hasattr(given, "columns")
        kind = type(given.to_frame() if is_column else given)
        frame = kind(flat, index=given.index)
        found = frame[0] if is_column and flat.shape[1] == 1 else frame
    elif isinstance(rows, list | tuple):
        found = found.tolist()
    elif hasattr(rows, "__array__") and not isinstance(rows, Tensor):
        found = found.numpy()
    return found  # type: ignore[no-any-return]
