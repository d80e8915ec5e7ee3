"""Functions that give the same elements another shape.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from ..kinds import describe
from ..refusal import Refusal
from ..tensor.check import dimension, divided, flattened, need_equal
from ..tensor.dim import Dim
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import Int, Sizes, Tensor, function


@function("torch", method=True)
def flatten(input: Tensor, start_dim: Int = 0, end_dim: Int = -1) -> TensorType:
    """Joins the dimensions from start_dim to end_dim, inclusive, to one."""
    start = dimension(start_dim, input.rank, "start_dim")
    end = dimension(end_dim, input.rank, "end_dim")
    if start > end:
        raise Refusal(
            f"start_dim = {start_dim} comes after end_dim = {end_dim}",
            argument="start_dim",
            other="end_dim",
        )
    return input.with_shape(flattened(input.shape, start, end))


@function("torch", method=True)
def unflatten(input: Tensor, dim: Int, sizes: Sizes) -> TensorType:
    """Cuts one dimension into `sizes`, of which one may be -1: what is left."""
    if not sizes:
        raise Refusal("sizes must hold at least one size", argument="sizes")
    if input.rank == 0:
        raise Refusal("input has no dimension to unflatten", argument="input")
    place = dimension(dim, input.rank)
    cut = filled(
        input.shape[place], sizes, "sizes", f"sizes must multiply up to {input.shape[place]}"
    )
    return input.with_shape((*input.shape[:place], *cut, *input.shape[place + 1 :]))


@function("torch", method=True, variadic="shape")
def reshape(input: Tensor, shape: Sizes) -> TensorType:
    """The same elements in another shape, of which one size may be -1: what is left."""
    return _reshaped(input, shape, "shape")


@function("method", variadic="size")
def view(input: Tensor, size: Sizes) -> TensorType:
    """As reshape, without copying."""
    return _reshaped(input, size, "size")


def _reshaped(input: TensorType, shape: Shape, argument: str) -> TensorType:
    what = f"{shape_text(input.shape)} and {shape_text(shape)} must hold equally many elements"
    return input.with_shape(filled(input.numel(), shape, argument, what))


def filled(total: Dim, sizes: Shape, argument: str, what: str) -> Shape:
    """Sizes whose product is `total`, a -1 among them replaced by what is left."""
    free = [place for place, size in enumerate(sizes) if size.constant == -1]
    for size in sizes:
        if size.constant is not None and size.constant < -1:
            raise Refusal(f"{argument} must not hold {size}", argument=argument)
    if len(free) > 1:
        raise Refusal(f"only one size may be -1, seen is {describe(sizes)}", argument=argument)
    rest = product(size for size in sizes if size.constant != -1)
    if not free:
        need_equal(total, rest, what, argument="input", other=argument)
        return sizes
    if rest.constant == 0:
        raise Refusal("-1 beside 0 could be any size", argument=argument)
    left = divided(total, rest, what, argument="input", other=argument)
    return (*sizes[: free[0]], left, *sizes[free[0] + 1 :])
