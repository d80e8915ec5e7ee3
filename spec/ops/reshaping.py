"""Functions that give the same elements another shape.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated

from ..kinds import DTypeName, Either, Optional, Repeated, describe, each
from ..refusal import Refusal
from ..tensor.check import (
    dimension,
    divided,
    flattened,
    is_one,
    need_at_least,
    need_equal,
    need_multiple,
)
from ..tensor.dim import Dim
from ..tensor.dtype import DType, itemsize
from ..tensor.prove import Proved, at_least
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import (
    LEFT_OUT,
    ByName,
    GivenInts,
    Int,
    Ints,
    LeftOut,
    OptionalDType,
    SizeKind,
    Sizes,
    Tensor,
    Wholes,
    alias,
    function,
)

SizesOrDType = Annotated[
    tuple[Dim, ...] | DType | None,
    Optional(Either(DTypeName(), Repeated(SizeKind(), single=False))),
    ByName(Repeated(SizeKind(), single=False)),
]


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


@function("torch", method=True)
def ravel(input: Tensor) -> TensorType:
    """All elements in one dimension."""
    return input.with_shape((input.numel(),))


@function("torch", method=True, variadic="shape")
def reshape(input: Tensor, shape: Sizes) -> TensorType:
    """The same elements in another shape, of which one size may be -1: what is left."""
    return _reshaped(input, shape, "shape")


@function("method")
def reshape_as(input: Tensor, other: Tensor) -> TensorType:
    """The same elements in the shape of another tensor."""
    return _reshaped(input, other.shape, "other")


@function("method")
def view_as(input: Tensor, other: Tensor) -> TensorType:
    """As reshape_as, without copying."""
    return _reshaped(input, other.shape, "other")


@function("method", variadic="size")
def view(input: Tensor, size: SizesOrDType = None, *, dtype: OptionalDType = None) -> TensorType:
    """As reshape, without copying; or the same bytes read as another element type."""
    if (size is None) == (dtype is None):
        raise Refusal("view takes a size or an element type", argument="size", other="dtype")
    if isinstance(size, tuple):
        return _reshaped(input, size, "size")
    wanted = dtype if size is None else size
    assert wanted is not None
    return _reread(input, wanted)


def _reread(input: TensorType, dtype: DType) -> TensorType:
    old, new = itemsize(input.dtype), itemsize(dtype)
    if old == new:
        return input.with_dtype(dtype)
    if input.rank == 0:
        raise Refusal(
            f"a single {input.dtype} is no {dtype}, which has {new} bytes", argument="size"
        )
    if new > old and input.rank > 1 and input.shape[-1] == 0:
        raise Refusal("there must be something to read", argument="input", other="size")
    last = input.shape[-1] * old
    need_multiple(last, new, f"the last dimension has {last} bytes", argument="size", other="input")
    return TensorType((*input.shape[:-1], last // new), dtype)


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


@function("torch", method=True)
def transpose(input: Tensor, dim0: Int, dim1: Int) -> TensorType:
    """Two dimensions change places."""
    first = dimension(dim0, input.rank, "dim0")
    second = dimension(dim1, input.rank, "dim1")
    order = list(range(input.rank))
    if order:
        order[first], order[second] = order[second], order[first]
    return input.with_shape(input.shape[place] for place in order)


@function("torch", method=True)
def swapaxes(input: Tensor, axis0: Int, axis1: Int) -> TensorType:
    """As transpose."""
    return transpose(input, axis0, axis1)


swapdims = alias(transpose, method=True)


@function("torch", method=True)
def adjoint(input: Tensor) -> TensorType:
    """(*, n, m) -> (*, m, n): matrices transposed, and conjugated where they are complex."""
    if input.rank == 1:
        raise Refusal("a vector has no adjoint", code="shape-mismatch", argument="input")
    return transpose(input, -2, -1) if input.rank else input


@function("torch", method=True, variadic="dims")
def permute(input: Tensor, dims: Wholes) -> TensorType:
    """The dimensions in another order."""
    places = [dimension(dim, input.rank, "dims") for dim in dims]
    if sorted(places) != list(range(input.rank)):
        raise Refusal(
            f"dims must name each of the {input.rank} dimensions once, seen is {describe(dims)}",
            argument="dims",
        )
    return input.with_shape(input.shape[place] for place in places)


@function("torch", method=True)
def movedim(input: Tensor, source: Ints, destination: Ints) -> TensorType:
    """Dimensions move to other places, the rest keeps its order."""
    if isinstance(source, tuple) != isinstance(destination, tuple):
        raise Refusal(
            "source and destination are both numbers or both lists",
            argument="source",
            other="destination",
        )
    moved = [dimension(dim, input.rank, "source") for dim in each(source, 1)]
    target = [dimension(dim, input.rank, "destination") for dim in each(destination, 1)]
    if len(moved) != len(target) or len(set(moved)) < len(moved) or len(set(target)) < len(target):
        raise Refusal(
            "source and destination name as many dimensions, each once", argument="source"
        )
    rest = iter(place for place in range(input.rank) if place not in moved)
    order = [
        moved[target.index(place)] if place in target else next(rest) for place in range(input.rank)
    ]
    return input.with_shape(input.shape[place] for place in order)


moveaxis = alias(movedim, method=True)


@function("torch", method=True)
def t(input: Tensor) -> TensorType:
    """The transpose of a matrix; vectors and numbers stay."""
    if input.rank > 2:
        raise Refusal(
            f"t takes at most 2 dimensions, seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    return input.with_shape(reversed(input.shape))


@function("torch", method=True)
def squeeze(input: Tensor, dim: GivenInts = LEFT_OUT) -> TensorType:
    """Without the dimensions of size 1, or without those of `dim` that are of size 1."""
    places = list(range(input.rank))
    if not isinstance(dim, LeftOut):
        named = [dimension(one, input.rank) for one in each(dim, 1)]
        if len(set(named)) < len(named):
            raise Refusal("dim names a dimension twice", argument="dim")
        places = [place for place in places if place in named]
    for place in places:
        _need_known_if_one(input.shape[place], place)
    return input.with_shape(
        size for place, size in enumerate(input.shape) if place not in places or size != 1
    )


def _need_known_if_one(size: Dim, place: int) -> None:
    """Whether a symbol is 1 is never guessed."""
    if not size.is_constant and not isinstance(at_least(size, 2), Proved):
        raise Refusal(
            f"whether dimension {place} is squeezed depends on {size}, which may be 1",
            code="shape-depends-on-size",
            argument="input",
            help="name a dimension that is 1, or say in `where` that the size is at least 2",
        )


@function("torch", method=True)
def unsqueeze(input: Tensor, dim: Int) -> TensorType:
    """A new dimension of size 1 at `dim`."""
    place = dimension(dim, input.rank + 1)
    return input.with_shape((*input.shape[:place], 1, *input.shape[place:]))


@function("method", variadic="size")
def expand(input: Tensor, size: Sizes) -> TensorType:
    """Dimensions of size 1 repeated; -1 keeps a size."""
    new = len(size) - input.rank
    if new < 0:
        raise Refusal(
            f"size must name at least {input.rank} dimensions, seen are {len(size)}",
            argument="size",
        )
    shape = []
    for place, wanted in enumerate(size):
        seen = input.shape[place - new] if place >= new else None
        shape.append(_expanded(seen, wanted, place))
    return input.with_shape(shape)


def _expanded(seen: Dim | None, wanted: Dim, place: int) -> Dim:
    if wanted.constant == -1:
        if seen is None:
            raise Refusal(f"size[{place}] = -1, but this dimension is new", argument="size")
        return seen
    need_at_least(wanted, 0, f"size[{place}] must not be negative", argument="size")
    if seen is not None and not is_one(seen):
        need_equal(
            seen,
            wanted,
            f"only a size of 1 expands, dimension {place} is {seen}",
            argument="size",
            other="input",
        )
    return wanted


@function("method")
def expand_as(input: Tensor, other: Tensor) -> TensorType:
    """Expanded to the shape of another tensor."""
    return expand(input, other.shape)


broadcast_to = alias(expand, method=True)
