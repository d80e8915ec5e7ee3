"""Reductions over dimensions.

Source: https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
"""

from math import isinf
from typing import Annotated, Final

from ..kinds import Boolean, Choice, Either, Integer, Optional, Real, Repeated, is_whole
from ..refusal import Refusal
from ..tensor.check import dimension, is_one, need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category, complex_to_real
from ..tensor.type import Shape, TensorType, shape_text
from .base import (
    LEFT_OUT,
    AnyNumber,
    ByName,
    Flag,
    Int,
    LeftOut,
    OptionalDType,
    OptionalInt,
    OptionalInts,
    Result,
    Sizes,
    Tensor,
    TensorKind,
    function,
)
from .pointwise import (
    Rule,
    elementwise,
    floating,
    fraction,
    inexact,
    keep,
    only,
    ordered,
    real,
    to_bool,
    to_index,
    widened,
)

MAX_RANK: Final = 64
Dims = int | tuple[int, ...] | None
Place = Annotated[int | LeftOut, Integer()]
Places = Annotated[int | tuple[int, ...] | LeftOut | None, Optional(Repeated(Integer()))]
PlaceOrOther = Annotated[
    int | TensorType | LeftOut, Either(TensorKind(), Integer()), ByName(Integer())
]
Kept = Annotated[bool | LeftOut, Boolean()]
Order = Annotated[str | float, Either(Choice("fro", "nuc"), Real(finite=False))]


def need_choosable(rank: int) -> None:
    """Refuses a tensor of too many dimensions to choose some of them."""
    if rank > MAX_RANK:
        raise Refusal(
            f"torch chooses among at most {MAX_RANK} dimensions, seen are {rank}", argument="input"
        )


def reduced_places(dims: Dims, rank: int) -> tuple[int, ...]:
    """The dimensions that are reduced; none given means all."""
    if dims is None or dims == ():
        return tuple(range(rank))
    need_choosable(rank)
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


def _of_places(
    input: TensorType,
    rule: Rule,
    dim: int | tuple[int, ...] | LeftOut | None,
    keepdim: bool | LeftOut,
) -> TensorType:
    """A reduction for which torch has two functions, of which one knows `dim` and `keepdim`."""
    if isinstance(dim, LeftOut):
        if not isinstance(keepdim, LeftOut):
            raise Refusal(
                "keepdim needs dim: None for all dimensions", argument="keepdim", other="dim"
            )
        dim = None
    return reduction(input, rule, dim, keepdim is True)


def _as(dtype: DType | None, rule: Rule) -> Rule:
    """The rule for an asked-for dtype: the input is converted to it before."""
    return (lambda _: dtype) if dtype else rule


@function("torch", method=True)
def sum(
    input: Tensor, dim: Places = LEFT_OUT, keepdim: Kept = LEFT_OUT, *, dtype: OptionalDType = None
) -> TensorType:
    return _of_places(input, _as(dtype, widened), dim, keepdim)


@function("torch", method=True)
def nansum(
    input: Tensor, dim: OptionalInts = None, keepdim: Flag = False, *, dtype: OptionalDType = None
) -> TensorType:
    result = ordered(input.dtype)
    if dtype and category(result) == "float":
        _need_real(dtype)
    return reduction(input, _as(dtype, widened), dim, keepdim)


def _need_real(dtype: DType) -> None:
    if category(dtype) == "complex":
        raise Refusal(
            f"torch looks for nan among no {dtype} numbers", code="dtype-mismatch", argument="dtype"
        )


@function("torch", method=True)
def mean(
    input: Tensor, dim: Places = LEFT_OUT, keepdim: Kept = LEFT_OUT, *, dtype: OptionalDType = None
) -> TensorType:
    inexact(dtype or input.dtype)
    return _of_places(input, _as(dtype, inexact), dim, keepdim)


@function("torch", method=True)
def nanmean(
    input: Tensor, dim: OptionalInts = None, keepdim: Flag = False, *, dtype: OptionalDType = None
) -> TensorType:
    """The mean of what is not nan."""
    for chosen in (input.dtype, dtype or input.dtype):
        floating(chosen)
    return reduction(input, _as(dtype, keep), dim, keepdim)


@function("torch", method=True)
def prod(
    input: Tensor,
    dim: Place = LEFT_OUT,
    keepdim: Kept = LEFT_OUT,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    _need_dim(dim, keepdim)
    places = None if isinstance(dim, LeftOut) else dim
    return reduction(input, _as(dtype, widened), places, keepdim is True)


def _need_dim(dim: object, keepdim: bool | LeftOut) -> None:
    """torch has two functions of this name; only the one with `dim` knows `keepdim`."""
    if not isinstance(keepdim, LeftOut) and not is_whole(dim):
        raise Refusal("keepdim needs dim, a whole number", argument="keepdim", other="dim")


@function("torch", method=True)
def amax(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, ordered, dim, keepdim, filled=True)


@function("torch", method=True)
def amin(input: Tensor, dim: OptionalInts = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, ordered, dim, keepdim, filled=True)


def extreme(input: TensorType, rule: Rule, dim: int, keepdim: bool) -> Result:
    """One element along a dimension that is not empty, and where it stands."""
    values = reduction(input, rule, dim, keepdim, filled=True)
    return values, values.with_dtype("int64")


def _extreme(input: TensorType, dim: int | TensorType | LeftOut, keepdim: bool | LeftOut) -> Result:
    """The extreme of all elements; with `dim`, extremes and where they are."""
    _need_dim(dim, keepdim)
    if isinstance(dim, TensorType):
        return elementwise(ordered, input, dim, names=("input", "dim"))
    if isinstance(dim, LeftOut):
        return reduction(input, ordered, None, False, filled=True)
    return extreme(input, ordered, dim, keepdim is True)


@function("torch", method=True)
def max(input: Tensor, dim: PlaceOrOther = LEFT_OUT, keepdim: Kept = LEFT_OUT) -> Result:
    return _extreme(input, dim, keepdim)


@function("torch", method=True)
def min(input: Tensor, dim: PlaceOrOther = LEFT_OUT, keepdim: Kept = LEFT_OUT) -> Result:
    return _extreme(input, dim, keepdim)


@function("torch", method=True)
def median(input: Tensor, dim: Place = LEFT_OUT, keepdim: Kept = LEFT_OUT) -> Result:
    """The lower one of two in the middle."""
    return _middle(input, dim, keepdim)


@function("torch", method=True)
def nanmedian(input: Tensor, dim: Place = LEFT_OUT, keepdim: Kept = LEFT_OUT) -> Result:
    """As median, of what is not nan."""
    return _middle(input, dim, keepdim)


def _middle(input: TensorType, dim: int | LeftOut, keepdim: bool | LeftOut) -> Result:
    _need_dim(dim, keepdim)
    if isinstance(dim, LeftOut):
        # The median of nothing is nan, or the least whole number.
        return TensorType((), real(input.dtype))
    return extreme(input, real, dim, keepdim is True)


@function("torch", method=True)
def aminmax(input: Tensor, *, dim: OptionalInt = None, keepdim: Flag = False) -> Result:
    """The least and the greatest."""
    found = reduction(input, ordered, dim, keepdim, filled=True)
    return found, found


@function("torch", method=True)
def argmax(input: Tensor, dim: OptionalInt = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, only("integer", "float", then=to_index), dim, keepdim, filled=True)


@function("torch", method=True)
def argmin(input: Tensor, dim: OptionalInt = None, keepdim: Flag = False) -> TensorType:
    return reduction(input, only("integer", "float", then=to_index), dim, keepdim, filled=True)


def spread(dtype: DType) -> DType:
    return complex_to_real(inexact(dtype))


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
    need_choosable(input.rank)
    return reduction(input, _truth, dims, keepdim)


def _truth(dtype: DType) -> DType:
    return "uint8" if dtype == "uint8" else to_bool(dtype)


@function("torch", method=True)
def count_nonzero(input: Tensor, dim: OptionalInts = None) -> TensorType:
    return reduction(input, to_index, dim, False)


@function("torch", method=True)
def trace(input: Tensor) -> TensorType:
    """(n, m) -> ()"""
    need_rank(input, (2,), "input", "(n, m)")
    return TensorType((), only("integer", "float", "complex", then=widened)(input.dtype))


@function("torch", method=True)
def renorm(input: Tensor, p: AnyNumber, dim: Int, maxnorm: AnyNumber) -> TensorType:
    """The slices along dim scaled to norms of at most maxnorm, in the input's shape."""
    if not p > 0:
        raise Refusal(f"p must be above 0, seen is {p}", argument="p")
    if not maxnorm >= 0:
        raise Refusal(f"maxnorm must not be negative, seen is {maxnorm}", argument="maxnorm")
    if input.rank < 2:
        raise Refusal(
            f"input has slices of at least one dimension, seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    place = dimension(dim, input.rank)
    others = tuple(other for other in range(input.rank) if other != place)
    reduction(input, inexact, others, True, filled=isinf(p))
    return input


@function("method", variadic="size")
def sum_to_size(input: Tensor, size: Sizes) -> TensorType:
    """The sum over what broadcasting `size` to the input's shape repeats."""
    if len(size) > input.rank:
        raise Refusal(
            f"{shape_text(size)} has more dimensions than {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="size",
            other="input",
        )
    added = len(size) < input.rank or not size  # torch adds up even a single number
    for seen, wanted in zip(input.shape[input.rank - len(size) :], size, strict=True):
        if not is_one(wanted):
            what = f"{shape_text(size)} does not broadcast to {shape_text(input.shape)}"
            need_equal(wanted, seen, what, argument="size", other="input")
        elif not is_one(seen):
            added = added or _is_summed(seen, input.dtype)
    return TensorType(size, widened(input.dtype) if added else input.dtype)


def _is_summed(size: Dim, dtype: DType) -> bool:
    """Whether a dimension becomes 1 by a sum, which alone widens whole numbers."""
    if widened(dtype) != dtype and not size.is_constant:
        need_at_least(
            size - 2,
            0,
            f"whether {dtype} numbers are added depends on {size}",
            code="shape-depends-on-size",
            argument="input",
        )
    return True
