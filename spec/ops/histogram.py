"""How often values fall into bins of a given number.

Source: https://docs.pytorch.org/docs/stable/generated/torch.histogram.html
"""

from collections.abc import Sequence
from math import isfinite
from typing import Annotated

from ..kinds import Either, Integer, Optional, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import Shape, TensorType, shape_text
from .base import (
    LEFT_OUT,
    AnyNumber,
    Flag,
    LeftOut,
    OptionalTensor,
    Positive,
    Tensor,
    TensorKind,
    function,
)
from .pointwise import floating, need_storable
from .reduction import need_choosable

Bins = Annotated[int | TensorType, Either(TensorKind(), Integer(1))]
ManyBins = Annotated[
    int | tuple[int, ...] | tuple[TensorType, ...],
    Either(
        Integer(1),
        Repeated(Integer(1), single=False),
        Repeated(TensorKind(), single=False),
    ),
]
Range = Annotated[tuple[float, ...] | None, Optional(Repeated(Real(), single=False))]
OwnRange = Annotated[tuple[float, ...] | LeftOut | None, Optional(Repeated(Real(), single=False))]


@function("torch", method=True)
def histc(
    input: Tensor, bins: Positive = 100, min: AnyNumber = 0, max: AnyNumber = 0
) -> TensorType:
    """(*) -> (bins,)"""
    floating(input.dtype)
    if min == max and input.numel() != 0:  # they stand for the least and the greatest element
        return input.with_shape((bins,))
    for name, bound in (("min", min), ("max", max)):
        if not isfinite(bound):
            raise Refusal(f"{name} must be finite, not {bound}", argument=name)
        need_storable(bound, input.dtype, name)
    if min > max:
        raise Refusal(f"min = {min} is more than max = {max}", argument="min", other="max")
    return input.with_shape((bins,))


@function("torch", method=True)
def histogram(
    input: Tensor,
    bins: Bins = 100,
    *,
    range: OwnRange = LEFT_OUT,
    weight: OptionalTensor = None,
    density: Flag = False,
) -> tuple[TensorType, TensorType]:
    """Counts and the bins' edges: (*) -> (bins,) and (bins + 1,)"""
    if isinstance(bins, TensorType) and not isinstance(range, LeftOut):
        raise Refusal("the edges say the range", argument="range", other="bins")
    _need_countable(input, isinstance(bins, TensorType) or isinstance(range, tuple))
    edges = _edges(bins, input)
    if isinstance(range, tuple):
        _need_range(range, 1, input)
    if weight is not None:
        _need_same_dtype(weight, input, "weight")
        what = "each element has a weight"
        need_equal(weight.numel(), input.numel(), what, argument="weight", other="input")
    return input.with_shape((edges - 1,)), input.with_shape((edges,))


@function("torch")
def histogramdd(
    input: Tensor,
    bins: ManyBins,
    range: Range = None,
    weight: OptionalTensor = None,
    density: Flag = False,
) -> tuple[TensorType, tuple[TensorType, ...]]:
    """Counts and the bins' edges: (*, m) -> (bins, …) and m times (bins + 1,)"""
    given = isinstance(bins, tuple) and any(isinstance(one, TensorType) for one in bins)
    _need_countable(input, given or range is not None)
    if input.rank < 2:
        raise Refusal(
            f"input is (*, m), seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    several = bins if isinstance(bins, tuple) else (bins,) * _width(input.shape[-1])
    need_choosable(len(several))
    what = "each value of a point has its bins"
    need_equal(input.shape[-1], Dim.of(len(several)), what, argument="bins", other="input")
    edges = [_edges(one, input) for one in several]
    if range is not None and not given:
        _need_range(range, len(several), input)
    if weight is not None:
        _need_weights(weight, input)
    return (
        input.with_shape(edge - 1 for edge in edges),
        tuple(input.with_shape((edge,)) for edge in edges),
    )


def _need_countable(input: TensorType, bounded: bool) -> None:
    """Refuses element types; bounded: whether torch need not look for the least and greatest."""
    floating(input.dtype)
    if not bounded and input.dtype not in ("float32", "float64"):
        raise Refusal(
            f"without a range torch takes float32 or float64 tensors, not {input.dtype}",
            code="dtype-mismatch",
            argument="input",
        )


def _need_same_dtype(tensor: TensorType, input: TensorType, argument: str) -> None:
    if tensor.dtype != input.dtype:
        raise Refusal(
            f"{argument} is {tensor.dtype}, but input is {input.dtype}",
            code="dtype-mismatch",
            argument=argument,
            other="input",
        )


def _edges(bins: int | TensorType, input: TensorType) -> Dim:
    """How many edges there are."""
    if not isinstance(bins, TensorType):
        return Dim.of(bins) + 1
    need_rank(bins, (1,), "bins", "(n,)")
    _need_same_dtype(bins, input, "bins")
    need_at_least(bins.shape[0], 2, "a bin has two edges", argument="bins")
    return bins.shape[0]


def _width(size: Dim) -> int:
    if size.constant is None:
        raise Refusal(
            f"how many bins there are depends on {size}",
            code="shape-depends-on-size",
            argument="bins",
            other="input",
            help="give a list of numbers",
        )
    return size.constant


def _need_range(range: Sequence[float], values: int, input: TensorType) -> None:
    if len(range) != 2 * values:
        raise Refusal(
            f"range has a least and a greatest value for each of {values}: {2 * values} numbers,"
            f" not {len(range)}",
            argument="range",
        )
    for low, high in zip(range[::2], range[1::2], strict=True):
        if low > high:
            raise Refusal(f"range ends before it begins: {low} to {high}", argument="range")
        for bound in (low, high):
            need_storable(bound, input.dtype, "range")


def _need_weights(weight: TensorType, input: TensorType) -> None:
    _need_same_dtype(weight, input, "weight")
    points: Shape = input.shape[:-1]
    need_rank(weight, (len(points),), "weight", shape_text(points))
    for size, other in zip(weight.shape, points, strict=True):
        need_equal(size, other, "each point has a weight", argument="weight", other="input")
