"""Differences of neighbours, and what is estimated from them.

Source: https://docs.pytorch.org/docs/stable/generated/torch.gradient.html and
https://docs.pytorch.org/docs/stable/generated/torch.trapezoid.html
"""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from ..kinds import Either, Integer, Optional, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category, promote, to_float
from ..tensor.type import Shape, TensorType, shape_text
from .base import (
    LEFT_OUT,
    Int,
    LeftOut,
    OptionalInts,
    OptionalTensor,
    Tensor,
    TensorKind,
    alias,
    function,
)
from .joining import cat
from .reduction import reduced, reduced_places

Tuple: TypeAlias = tuple[TensorType, ...]
Points = Annotated[TensorType | LeftOut, TensorKind()]
Step = Annotated[float | LeftOut, Real(finite=False)]
Steps = float | tuple[float, ...] | tuple[TensorType, ...] | None
Spacing = Annotated[
    Steps,
    Optional(
        Either(Repeated(Real(finite=False)), Repeated(TensorKind(), single=False)),
    ),
]
Order = Annotated[int, Integer(1, 2)]


@function("torch", method=True)
def diff(
    input: Tensor,
    n: Int = 1,
    dim: Int = -1,
    prepend: OptionalTensor = None,
    append: OptionalTensor = None,
) -> TensorType:
    """The differences of neighbours along dim, n times: (*, m, *) -> (*, m - n, *)"""
    if n < 0:
        raise Refusal(f"n must not be negative, seen is {n}", argument="n")
    if n == 0 and input.rank and prepend is None and append is None:
        return input
    place = _place(input, dim, "input")
    pieces = [("prepend", prepend), ("input", input), ("append", append)]
    for name, piece in pieces:
        if piece is not None and piece.rank != input.rank:
            layout = f"{shape_text(input.shape)} but for dimension {place}"
            need_rank(piece, (input.rank,), name, layout)
    joined = cat(tuple(piece for _, piece in pieces if piece is not None), place)
    return _shortened(joined, place, n) if n else input


def _place(tensor: TensorType, dim: int, argument: str) -> int:
    if tensor.rank == 0:
        raise Refusal("a single number has no neighbour", code="shape-mismatch", argument=argument)
    return dimension(dim, tensor.rank)


def _shortened(tensor: TensorType, place: int, by: int) -> TensorType:
    """The type of `by` elements fewer along a dimension; none are left where there are too few."""
    size = tensor.shape[place]
    if size.constant is not None:
        left = Dim.of(max(size.constant - by, 0))
    else:
        left = size - by
        need_at_least(
            left, 0, "too few for the differences", code="shape-depends-on-size", argument="input"
        )
    return tensor.with_shape((*tensor.shape[:place], left, *tensor.shape[place + 1 :]))


@function("torch")
def trapezoid(y: Tensor, x: Points = LEFT_OUT, *, dx: Step = LEFT_OUT, dim: Int = -1) -> TensorType:
    """The integral along dim by the trapezoidal rule: (*, n, *) -> (*)"""
    place = _sampled(y, x, dx, dim)
    if y.shape[place].constant == 0:  # the integral of nothing is a zero of y's type
        return y.with_shape(reduced(y.shape, place, False))
    if category(y.dtype) == "integer":
        need_at_least(y.shape[place], 1, "nothing keeps its element type", argument="y")
    areas = _areas(y, x, place)
    return areas.with_shape(reduced(areas.shape, place, False))


trapz = alias(trapezoid)


@function("torch")
def cumulative_trapezoid(
    y: Tensor, x: Points = LEFT_OUT, *, dx: Step = LEFT_OUT, dim: Int = -1
) -> TensorType:
    """The integral so far along dim: (*, n, *) -> (*, n - 1, *)"""
    return _areas(y, x, _sampled(y, x, dx, dim))


def _sampled(y: TensorType, x: TensorType | LeftOut, dx: float | LeftOut, dim: int) -> int:
    """The dimension of the samples, whose places or distance are given once."""
    if not isinstance(x, LeftOut) and not isinstance(dx, LeftOut):
        raise Refusal("x and dx say the same", argument="dx", other="x")
    return _place(y, dim, "y")


def _areas(y: TensorType, x: TensorType | LeftOut, place: int) -> TensorType:
    """The type of the trapezoids' areas between neighbours."""
    for name, one in (("y", y), ("x", x)):
        if isinstance(one, TensorType) and one.dtype == "bool":
            raise Refusal("torch integrates no bools", code="dtype-mismatch", argument=name)
    heights = _shortened(y.with_dtype(to_float(y.dtype)), place, 1)
    if isinstance(x, LeftOut):
        return heights
    widths = _shortened(x.with_shape(_aligned(x, y, place)), place, 1)
    shape = broadcast(heights.shape, widths.shape, names=("y", "x"))
    return TensorType(shape, to_float(promote(y.dtype, x.dtype)))


def _aligned(x: TensorType, y: TensorType, place: int) -> Shape:
    """The shape of x with its points along the dimension that is integrated."""
    if x.rank != 1:
        return (*(Dim.of(1) for _ in range(y.rank - x.rank)), *x.shape)
    what = "there is one x for each y"
    need_equal(x.shape[0], y.shape[place], what, argument="x", other="y")
    return tuple(x.shape[0] if other == place else Dim.of(1) for other in range(y.rank))


@function("torch")
def gradient(
    input: Tensor, *, spacing: Spacing = None, dim: OptionalInts = None, edge_order: Order = 1
) -> Tuple:
    """The derivative by each dimension of `dim`, in the input's shape."""
    if dim is not None and not input.rank and dim != ():
        _place(input, 0, "input")
    places = () if dim == () else reduced_places(dim, input.rank)
    if isinstance(spacing, tuple) and len(spacing) != len(places):
        raise Refusal(
            f"spacing has {len(spacing)} entries for {len(places)} dimensions",
            argument="spacing",
            other="dim",
        )
    if input.dtype == "uint8" or (input.dtype == "bool" and places):
        raise Refusal(f"torch derives no {input.dtype}", code="dtype-mismatch", argument="input")
    what = "a derivative needs more points"
    for place in places:
        need_at_least(input.shape[place], edge_order + 1, what, argument="input")
    steps: Sequence[float | TensorType] = (1.0,) * len(places)
    if isinstance(spacing, tuple):
        steps = spacing
    return tuple(
        _derivative(input, place, step, edge_order)
        for place, step in zip(places, steps, strict=True)
    )


def _derivative(
    input: TensorType, place: int, step: float | TensorType, edge_order: int
) -> TensorType:
    dtype = to_float(input.dtype)
    if not isinstance(step, TensorType):
        return input.with_dtype(dtype)
    need_rank(step, (1,), "spacing", "(n,) for each dimension")
    if step.dtype == "bool":
        raise Refusal("torch subtracts no bools", code="dtype-mismatch", argument="spacing")
    what = "a derivative needs more points"
    need_at_least(step.shape[0], edge_order + 1, what, argument="spacing")
    # torch joins the edges to the inner points, whose number broadcasts.
    inner = broadcast((input.shape[place] - 2,), (step.shape[0] - 2,), names=("input", "spacing"))
    shape = (*input.shape[:place], inner[0] + 2, *input.shape[place + 1 :])
    return TensorType(shape, to_float(promote(input.dtype, to_float(step.dtype))))
