"""What a size is called: its formula in its scope's words, and the place that a word means."""

from __future__ import annotations

import re
from typing import Final

from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ..resolve.bound import Size
from ..resolve.graph import Scope

_RUNNING: Final = re.compile(r"\b__\w+__\b")


def running(path: Path, place: int, dim: int) -> str:
    """What formulas call a size that changes from one time of a repeat to the next.

    path: of the repeat. place, dim: of the input that each time renews. No user's name is like it.
    """
    return f"__{'_'.join(map(str, path))}_{place}_{dim}__"


def index_of(path: Path) -> str:
    """What formulas call the number of a repeat's time."""
    return f"__{'_'.join(map(str, path))}_index__"


def running_names(text: str) -> list[str]:
    """The names in a formula of what changes within a repeat."""
    return _RUNNING.findall(text) if "__" in text else []


def without_running(size: Dim) -> Dim:
    """The size; without its formula, where that reads what changes within a repeat."""
    formula = size.origin
    if formula is None or not any(running_names(symbol.name) for symbol in formula.symbols):
        return size
    return size.with_origin(None)


def said(size: Dim) -> Dim:
    """A size's formula in its scope's words."""
    return size.origin if size.origin is not None else size


def size_place(scope: Scope, text: str) -> tuple[str, int]:
    """The input and dimension that a size's text means: `x.shape[1]`, or a declared name."""
    owner, bracket, rest = text.partition(".shape[")
    if bracket:
        return owner, int(rest.rstrip("]"))
    for item in scope.inputs:
        for dim, argument in enumerate(item.shape or ()):
            if isinstance(argument.value, Size) and argument.value.name == text:
                return item.name, dim
    raise KeyError(text)
