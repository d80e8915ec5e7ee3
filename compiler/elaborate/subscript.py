"""Subscripts of tensors and of lists."""

from __future__ import annotations

from ...spec.refusal import Refusal
from ...spec.tensor.type import TensorType
from . import numbers
from .describe import describe, unpacking
from .typed import Known


def subscript(value: Known, indices: tuple[object, ...]) -> Known:
    """What a subscript picks of a tensor or a list. Raises `Refusal`."""
    if isinstance(value, TensorType):
        from ...spec.ops.indexing import index

        return index(value, indices)
    if not isinstance(value, tuple) or len(indices) != 1:
        said = f"{describe(value)} can't be indexed"
        raise Refusal(said, code="wrong-type", help=unpacking(value))
    (place,) = indices
    if isinstance(place, slice):
        return value[place]
    if not numbers.is_integer(place):
        raise Refusal(f"an index is a whole number, not {describe(place)}", code="wrong-type")
    number = numbers.plain(place)
    if not -len(value) <= number < len(value):
        raise Refusal(f"index {number}, but there are {len(value)}", code="index-out-of-range")
    return value[int(number)]
