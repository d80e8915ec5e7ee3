"""Lists in `[data]` -> arrays: numbers, as many in each list as in its neighbours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

from ...spec.data.lists import Array, Lists
from ...spec.kinds import describe
from ...spec.source import Path
from ..resolve.problems import Problems

Holds = Literal["bool", "integer", "float"]


class _Wrong(Exception):
    """A list that is no array; the problem has been reported."""


def read_lists(columns: Mapping[str, Any], target: object, problems: Problems) -> Lists | None:
    """The lists of all inputs and the target, or None after reporting what is wrong."""
    written = {**columns, **({"target": target} if target is not None else {})}
    arrays = {name: _array(value, ("data", name), problems) for name, value in written.items()}
    if not written:
        problems.error(
            "missing-key",
            "[data] of type lists needs a list for each input of the model, and target",
            ("data",),
            help="features = [[0.5, 1.0], [2.0, 3.5]]",
        )
        return None
    read = {name: array for name, array in arrays.items() if array is not None}
    return Lists(arrays=read) if len(read) == len(arrays) else None


def _array(value: object, path: Path, problems: Problems) -> Array | None:
    kinds: dict[Holds, Path] = {}
    try:
        items, shape = _nested(value, path, kinds, problems)
    except _Wrong:
        return None
    if not shape:
        problems.error("invalid-value", f"{path[-1]} must be a list, with an item a row", path)
        return None
    if "bool" in kinds and len(kinds) > 1:
        other = next(place for kind, place in kinds.items() if kind != "bool")
        problems.error(
            "invalid-value",
            f"{path[-1]} holds both numbers and true or false",
            kinds["bool"],
            labels=[(other, None, "a number")],
        )
        return None
    holds: Holds = "float" if "float" in kinds else next(iter(kinds))
    return Array(shape, items, holds)


def _nested(
    value: object, path: Path, kinds: dict[Holds, Path], problems: Problems
) -> tuple[Any, tuple[int, ...]]:
    """A value with its lists as tuples, and its shape. Raises `_Wrong` after a report."""
    if not isinstance(value, list):
        kinds.setdefault(_kind(value, path, problems), path)
        return value, ()
    if not value:
        problems.error("invalid-value", "a list of numbers must not be empty", path)
        raise _Wrong
    found = [_nested(item, (*path, i), kinds, problems) for i, item in enumerate(value)]
    _, first = found[0]
    for index, (_, shape) in enumerate(found):
        if shape != first:
            problems.error(
                "shape-mismatch",
                f"{_said(shape)} here, {_said(first)} before it: all must be alike",
                (*path, index),
                labels=[((*path, 0), None, _said(first))],
            )
            raise _Wrong
    return tuple(item for item, _ in found), (len(value), *first)


def _said(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a list of {shape[0]}"
    return f"lists of {' x '.join(map(str, shape))}"


def _kind(value: object, path: Path, problems: Problems) -> Holds:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float) and math.isfinite(value):
        return "float"
    problems.error("invalid-value", f"a finite number is expected, not {describe(value)}", path)
    raise _Wrong
