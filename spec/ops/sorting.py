"""Sorting, and searching in what is sorted.

Source: https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
"""

from typing import Annotated

from ..kinds import Boolean, Choice, Optional
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_equal, need_rank
from ..tensor.dtype import DType
from ..tensor.type import TensorType, shape_text
from .base import (
    Flag,
    Int,
    Operand,
    OptionalTensor,
    OthersByName,
    Positive,
    Result,
    Tensor,
    function,
    result_type,
)
from .pointwise import Rule, keep, ordered, real, to_bool
from .reduction import extreme

Stable = Annotated[bool | None, Optional(Boolean()), OthersByName()]
StableFlag = Annotated[bool, Boolean(), OthersByName()]
Side = Annotated[str | None, Optional(Choice("left", "right"))]


@function("torch", method=True)
def sort(
    input: Tensor, dim: Int = -1, descending: Flag = False, *, stable: Stable = None
) -> Result:
    """The elements in order along dim, and where they stood."""
    dimension(dim, input.rank)
    return input.with_dtype(ordered(input.dtype)), input.with_dtype("int64")


@function("torch", method=True)
def argsort(
    input: Tensor, dim: Int = -1, descending: Flag = False, *, stable: StableFlag = False
) -> TensorType:
    """Where the elements in order along dim stood."""
    dimension(dim, input.rank)
    ordered(input.dtype)
    return input.with_dtype("int64")


@function("torch", method=True)
def msort(input: Tensor) -> TensorType:
    """The elements in order along the first dimension."""
    return input.with_dtype(ordered(input.dtype))


@function("torch", method=True)
def topk(input: Tensor, k: Int, dim: Int = -1, largest: Flag = True, sorted: Flag = True) -> Result:
    """The k largest along dim, and where they are."""
    place = dimension(dim, input.rank)
    if k < 0:
        raise Refusal(f"k must not be negative, seen is {k}", argument="k")
    real(input.dtype)
    if input.rank == 0:
        _need_single(k)
        return input, input.with_dtype("int64")
    size = input.shape[place]
    need_at_least(size - k, 0, f"k = {k} of {size}", argument="k", other="input")
    values = input.with_shape((*input.shape[:place], k, *input.shape[place + 1 :]))
    return values, values.with_dtype("int64")


def _need_single(k: int) -> None:
    if k > 1:
        raise Refusal(f"k = {k} of a single number", argument="k", other="input")


@function("torch", method=True)
def kthvalue(input: Tensor, k: Positive, dim: Int = -1, keepdim: Flag = False) -> Result:
    """The k-th smallest along dim, counted from 1, and where it is."""
    place = dimension(dim, input.rank)
    if input.rank == 0:
        _need_single(k)
    else:
        size = input.shape[place]
        need_at_least(size - k, 0, f"k = {k} of {size}", argument="k", other="input")
    return _copied(input, real, dim, keepdim)


def _copied(input: TensorType, rule: Rule, dim: int, keepdim: bool) -> Result:
    """An element along dim and where it is; torch copies a single number whatever its type."""
    return extreme(input, rule if input.rank else keep, dim, keepdim)


@function("torch", method=True)
def mode(input: Tensor, dim: Int = -1, keepdim: Flag = False) -> Result:
    """The most frequent element along dim, and where it last stands."""
    return _copied(input, ordered, dim, keepdim)


@function("torch")
def searchsorted(
    sorted_sequence: Tensor,
    input: Operand,
    *,
    out_int32: Flag = False,
    right: Flag = False,
    side: Side = None,
    sorter: OptionalTensor = None,
) -> TensorType:
    """Where elements belong: (n,), (*) -> (*), or (*, n), (*, m) -> (*, m)."""
    if right and side == "left":
        raise Refusal("right and side say opposite things", argument="side", other="right")
    values = _values(input)
    if not sorted_sequence.rank or (not values.rank and sorted_sequence.rank > 1):
        layout = "(n,)" if not values.rank else "(n,) or (*, n)"
        raise Refusal(
            f"sorted_sequence is {layout}, seen is {shape_text(sorted_sequence.shape)}",
            code="shape-mismatch",
            argument="sorted_sequence",
        )
    if sorted_sequence.rank > 1:
        _need_alike(sorted_sequence, values)
    if sorter is not None:
        _need_sorter(sorter, sorted_sequence)
    return _found(sorted_sequence, input, out_int32)


def _values(input: object) -> TensorType:
    return input if isinstance(input, TensorType) else TensorType(())


def _need_alike(sequence: TensorType, values: TensorType) -> None:
    if sequence.rank != values.rank:
        raise Refusal(
            f"input has {values.rank} dimensions, but sorted_sequence has {sequence.rank}",
            code="shape-mismatch",
            argument="input",
            other="sorted_sequence",
        )
    what = "all sizes but the last must be equal"
    for size, other in zip(sequence.shape[:-1], values.shape[:-1], strict=True):
        need_equal(size, other, what, argument="input", other="sorted_sequence")


def _need_sorter(sorter: TensorType, sequence: TensorType) -> None:
    if sorter.dtype != "int64":
        raise Refusal(
            f"sorter is int64, not {sorter.dtype}", code="dtype-mismatch", argument="sorter"
        )
    what = "sorter must have the shape of sorted_sequence"
    need_rank(sorter, (sequence.rank,), "sorter", shape_text(sequence.shape))
    for size, other in zip(sorter.shape, sequence.shape, strict=True):
        need_equal(size, other, what, argument="sorter", other="sorted_sequence")


def _found(sequence: TensorType, input: object, out_int32: bool) -> TensorType:
    dtype: DType = "int32" if out_int32 else "int64"
    for name, one in (("sorted_sequence", sequence), ("input", input)):
        if isinstance(one, TensorType) and one.dtype.startswith("complex"):
            raise Refusal(f"torch orders no {one.dtype}", code="dtype-mismatch", argument=name)
    if result_type(sequence, input) == "bool":
        raise Refusal("torch searches no bools", code="dtype-mismatch", argument="input")
    return TensorType(_values(input).shape, dtype)


@function("torch")
def bucketize(
    input: Operand, boundaries: Tensor, *, out_int32: Flag = False, right: Flag = False
) -> TensorType:
    """Between which boundaries elements lie: (*), (n,) -> (*)."""
    need_rank(boundaries, (1,), "boundaries", "(n,)")
    return _found(boundaries, input, out_int32)


@function("torch")
def isin(
    elements: Operand,
    test_elements: Operand,
    *,
    assume_unique: Flag = False,
    invert: Flag = False,
) -> TensorType:
    """Whether each element is among the others."""
    both = {"elements": elements, "test_elements": test_elements}
    if not any(isinstance(one, TensorType) for one in both.values()):
        raise Refusal("there must be a tensor", argument="elements", other="test_elements")
    for name, one in both.items():
        dtype = one.dtype if isinstance(one, TensorType) else result_type(one)
        if dtype.startswith(("bool", "complex")):
            raise Refusal(f"torch compares no {dtype}", code="dtype-mismatch", argument=name)
    return TensorType(_values(elements).shape, to_bool("bool"))
