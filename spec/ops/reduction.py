"""Reductions over dimensions.

Source: https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
"""

from math import isinf
from typing import Annotated

from ..kinds import Choice, Either, Real, is_whole
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DType, complex_to_real
from ..tensor.type import Shape, TensorType
from .base import (
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalDType,
    OptionalFlag,
    OptionalInt,
    OptionalInts,
    Result,
    Tensor,
    function,
)
from .pointwise import (
    Rule,
    elementwise,
    fraction,
    inexact,
    only,
    ordered,
    real,
    to_bool,
    to_index,
    widened,
)

Dims = int | tuple[int, ...] | None
Order = Annotated[str | float, Either(Choice("fro", "nuc"), Real(finite=False))]


def reduced_places(dims: Dims, rank: int) -> tuple[int, ...]:
    """The dimensions that are reduced; none given means all."""
    if dims is None or dims == ():
        return tuple(range(rank))
    given = dims if isinstance(dims, tuple) else (dims,)
    places = tuple(dimension(dim, rank) for dim in given)
    if len(set(places)) < len(places):
        raise Refusal(f"dim names a dimension twice: {given}", argument="dim")
    return places if rank else ()


def reduced(shape: Shape, dims: Dims, keepdim: bool) -> Shape:
    """A shape without the reduced dimensions, or with 1 in their place."""
    places = reduced_places(dims, len(shape))
    kept = [
        (Dim.of(1) if place in places else size)
        for place, size in enumerate(shape)
        if keepdim or place not in places
    ]
    return tuple(kept)


def reduction(
    input: TensorType, rule: Rule, dims: Dims, keepdim: bool, *, filled: bool = False
) -> TensorType:
    """The type of a reduction.

    filled: whether it has no value over nothing, so that every reduced size must be at least 1.
    """
    dtype = rule(input.dtype)
    if filled:
        for place in reduced_places(dims, input.rank):
            need_at_least(input.shape[place], 1, "nothing has no extreme", argument="input")
    return TensorType(reduced(input.shape, dims, keepdim), dtype)


def _as(dtype: DType | None, rule: Rule) -> Rule:
    """The rule for an asked-for dtype: the input is converted to it before."""
    return (lambda _: dtype) if dtype else rule


@function("torch", method=True)
def sum(
    input: Tensor, dim: OptionalInts = None, keepdim: Flag = False, *, dtype: OptionalDType = None
) -> TensorType:
    return reduction(input, _as(dtype, widened), dim, keepdim)


@function("torch", method=True)
def nansum(
    input: Tensor, dim: OptionalInts = None, keepdim: Flag = False, *, dtype: OptionalDType = None
) -> TensorType:
    rule = only("bool", "integer", "float", then=widened)
    return reduction(input, _as(dtype, rule), dim, keepdim)


@function("torch", method=True)
def mean(
    input: Tensor, dim: OptionalInts = None, keepdim: Flag = False, *, dtype: OptionalDType = None
) -> TensorType:
    inexact(dtype or input.dtype)
    return reduction(input, _as(dtype, inexact), dim, keepdim)


@function("torch", method=True)
def prod(
    input: Tensor,
    dim: OptionalInt = None,
    keepdim: OptionalFlag = None,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    _need_dim(dim, keepdim)
    return reduction(input, _as(dtype, widened), dim, bool(keepdim))


def _need_dim(dim: object, keepdim: bool | None) -> None:
    """torch has two functions of this name; only the one with `dim` knows `keepdim`."""
    if keepdim is not None and not isinstance(dim, int | Dim):
        raise Refusal("keepdim needs dim, a whole number", argument="keepdim", other="dim")


@function("torch", method=True)
def amax(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, ordered, dim, keepdim, filled=True)


@function("torch", method=True)
def amin(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, ordered, dim, keepdim, filled=True)


def _extreme(input: TensorType, dim: object, keepdim: bool | None) -> Result:
    """The extreme of all elements; with `dim`, extremes and where they are."""
    _need_dim(dim, keepdim)
    if isinstance(dim, TensorType):
        return elementwise(ordered, input, dim, names=("input", "dim"))
    if dim is None:
        return reduction(input, ordered, None, False, filled=True)
    if not is_whole(dim):
        raise Refusal("dim is a whole number or a tensor", argument="dim")
    assert isinstance(dim, int | Dim)
    values = reduction(input, ordered, int(dim), bool(keepdim), filled=True)
    return values, values.with_dtype("int64")


@function("torch", method=True)
def max(input: Tensor, dim: object = None, keepdim: OptionalFlag = None) -> Result:
    return _extreme(input, dim, keepdim)


@function("torch", method=True)
def min(input: Tensor, dim: object = None, keepdim: OptionalFlag = None) -> Result:
    return _extreme(input, dim, keepdim)


@function("torch", method=True)
def median(input: Tensor, dim: OptionalInt = None, keepdim: OptionalFlag = None) -> Result:
    real(input.dtype)
    if dim is None and keepdim is None:
        # The median of nothing is nan, or the least whole number.
        return input.with_shape(())
    return _extreme(input, dim, keepdim)


@function("torch", method=True)
def argmax(input: Tensor, dim: OptionalInt = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, only("integer", "float", then=to_index), dim, keepdim, filled=True)


@function("torch", method=True)
def argmin(input: Tensor, dim: OptionalInt = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, only("integer", "float", then=to_index), dim, keepdim, filled=True)


def _spread(dtype: DType) -> DType:
    return complex_to_real(inexact(dtype))


@function("torch", method=True)
def std(
    input: Tensor,
    dim: OptionalInts = None,
    unbiased: OptionalFlag = None,
    keepdim: Flag = False,
    *,
    correction: OptionalAnyNumber = None,
) -> TensorType:
    _need_one(unbiased, correction)
    return reduction(input, _spread, dim, keepdim)


@function("torch", method=True)
def var(
    input: Tensor,
    dim: OptionalInts = None,
    unbiased: OptionalFlag = None,
    keepdim: Flag = False,
    *,
    correction: OptionalAnyNumber = None,
) -> TensorType:
    _need_one(unbiased, correction)
    return reduction(input, _spread, dim, keepdim)


def _need_one(unbiased: bool | None, correction: float | None) -> None:
    if unbiased is not None and correction is not None:
        raise Refusal(
            "unbiased and correction say the same", argument="unbiased", other="correction"
        )


@function("torch", method=True)
def norm(
    input: Tensor,
    p: Order = "fro",
    dim: OptionalInts = None,
    keepdim: Flag = False,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    places = reduced_places(dim, input.rank)
    nuclear = p == "nuc" and (len(places) != 2 or dim == ())
    if nuclear or (dim not in (None, ()) and p == "fro" and len(places) > 2):
        raise Refusal(f'p = "{p}" takes two dimensions', argument="dim", other="p")
    inexact(dtype or input.dtype)
    extreme = isinstance(p, float) and isinf(p)
    return reduction(input, _as(dtype, _spread), dim, keepdim, filled=extreme)


@function("torch", method=True)
def logsumexp(input: Tensor, dim: OptionalInts, keepdim: Flag = False) -> TensorType:
    if dim is None or (dim == () and input.rank and not keepdim):
        raise Refusal("logsumexp needs dim", argument="dim")
    return reduction(input, fraction, dim, keepdim)


@function("torch", method=True)
def any(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return _tested(input, dim, keepdim)


@function("torch", method=True)
def all(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return _tested(input, dim, keepdim)


def _tested(input: TensorType, dims: Dims, keepdim: bool) -> TensorType:
    if dims == ():  # unlike elsewhere, torch then tests each element alone
        return input.with_dtype(_truth(input.dtype))
    return reduction(input, _truth, dims, keepdim)


def _truth(dtype: DType) -> DType:
    return "uint8" if dtype == "uint8" else to_bool(dtype)


@function("torch", method=True)
def count_nonzero(input: Tensor, dim: OptionalInts = None) -> TensorType:
    return reduction(input, to_index, dim, False)


@function("torch", method=True)
def cumsum(input: Tensor, dim: Int, *, dtype: OptionalDType = None) -> TensorType:
    dimension(dim, input.rank)
    return input.with_dtype(dtype or widened(input.dtype))


@function("torch", method=True)
def cumprod(input: Tensor, dim: Int, *, dtype: OptionalDType = None) -> TensorType:
    dimension(dim, input.rank)
    return input.with_dtype(dtype or widened(input.dtype))


@function("torch", method=True)
def sort(input: Tensor, dim: Int = -1, descending: Flag = False, *, stable: Flag = False) -> Result:
    dimension(dim, input.rank)
    return input.with_dtype(ordered(input.dtype)), input.with_dtype("int64")


@function("torch", method=True)
def argsort(
    input: Tensor, dim: Int = -1, descending: Flag = False, *, stable: Flag = False
) -> TensorType:
    dimension(dim, input.rank)
    ordered(input.dtype)
    return input.with_dtype("int64")


@function("torch", method=True)
def topk(input: Tensor, k: Int, dim: Int = -1, largest: Flag = True, sorted: Flag = True) -> Result:
    """The k largest along dim, and where they are."""
    place = dimension(dim, input.rank)
    if k < 0:
        raise Refusal(f"k must not be negative, seen is {k}", argument="k")
    ordered(input.dtype)
    if input.rank == 0:
        if k > 1:
            raise Refusal("a single number has no two largest", argument="k")
        return input, input.with_dtype("int64")
    size = input.shape[place]
    need_at_least(size - k, 0, f"k = {k} of {size}", argument="k", other="input")
    values = input.with_shape((*input.shape[:place], k, *input.shape[place + 1 :]))
    return values, values.with_dtype("int64")


@function("torch", method=True)
def trace(input: Tensor) -> TensorType:
    """(n, m) -> ()"""
    need_rank(input, (2,), "input", "(n, m)")
    return TensorType((), only("integer", "float", "complex", then=widened)(input.dtype))
