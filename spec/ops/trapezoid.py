"""Integrals by the trapezoidal rule.

Source: https://docs.pytorch.org/docs/stable/generated/torch.trapezoid.html
"""

from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_at_least, need_equal
from ..tensor.dim import Dim
from ..tensor.type import Shape, TensorType
from .base import Int, OptionalAnyNumber, OptionalTensor, Tensor, alias, function, result_type
from .pointwise import number_fraction


@function("torch")
def trapezoid(
    y: Tensor, x: OptionalTensor = None, *, dx: OptionalAnyNumber = None, dim: Int = -1
) -> TensorType:
    """(*, n, *) -> (*, *); x are the places of the samples, dx is their distance."""
    place, pieces = _pieces(y, x, dx, dim)
    return pieces.with_shape((*pieces.shape[:place], *pieces.shape[place + 1 :]))


trapz = alias(trapezoid)


@function("torch")
def cumulative_trapezoid(
    y: Tensor, x: OptionalTensor = None, *, dx: OptionalAnyNumber = None, dim: Int = -1
) -> TensorType:
    """(*, n, *) -> (*, n - 1, *); x are the places of the samples, dx is their distance."""
    return _pieces(y, x, dx, dim)[1]


def _pieces(
    y: TensorType, x: TensorType | None, dx: float | None, dim: int
) -> tuple[int, TensorType]:
    """The dimension, counted from 0, and the type of the areas between two samples."""
    if not y.rank:
        raise Refusal("y has at least one dimension", code="shape-mismatch", argument="y")
    place = dimension(dim, y.rank)
    dtype = number_fraction(y.dtype if x is None else result_type(y, x))
    if x is None:
        return place, TensorType(_between(y.shape, place, "y"), dtype)
    if dx is not None:
        raise Refusal("x and dx say the same", argument="dx", other="x")
    for name, tensor in (("y", y), ("x", x)):
        if tensor.dtype == "bool":
            raise Refusal("torch adds no bools here", code="dtype-mismatch", argument=name)
    if x.rank == 1:
        what = "there must be one x for each sample"
        need_equal(x.shape[0], y.shape[place], what, argument="x", other="y")
        return place, TensorType(_between(y.shape, place, "y"), dtype)
    places = (*(Dim.of(1),) * (y.rank - x.rank), *x.shape)
    gaps = _between(places, place, "x")
    joint = broadcast(_between(y.shape, place, "y"), gaps, names=("y", "x"))
    return place, TensorType(joint, dtype)


def _between(shape: Shape, place: int, argument: str) -> Shape:
    """One less along a dimension, but not less than nothing."""
    size = shape[place]
    if size != 0:
        need_at_least(size, 1, "there must be a sample", argument=argument)
        size = size - 1
    return (*shape[:place], size, *shape[place + 1 :])
