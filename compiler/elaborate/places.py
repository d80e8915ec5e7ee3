"""What a size is called: its formula in its scope's words, and the place that a word means."""

from __future__ import annotations

from ...spec.tensor.dim import Dim
from ..resolve.bound import Size
from ..resolve.graph import Scope


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
