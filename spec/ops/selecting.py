"""Choosing elements by their places.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated, Final

from ..kinds import Either, Repeated
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.type import Shape, TensorType, shape_text
from .base import AnySize, Flag, Int, OptionalInt, SizeKind, Tensor, TensorKind, function
from .indexing import index as sliced_at
from .indexing import sliced

Start = Annotated[Dim | TensorType, Either(SizeKind(), TensorKind())]
SizeOrSizes = Annotated[Dim | tuple[Dim, ...], Repeated(SizeKind())]
WHOLE: Final = ("int64", "int32", "int16", "int8", "uint8")
NOTHING: Final = "nothing can be chosen from nothing"


@function("torch", method=True)
def gather(input: Tensor, dim: Int, index: Tensor, *, sparse_grad: Flag = False) -> TensorType:
    """Elements along dim that index names, in index's shape."""
    place = dimension(dim, input.rank)
    need_whole(index, ("int64", "int32"))
    need_fitting(index, input, "input", but=place)
    if not is_empty(index):
        need_at_least(numbers(input)[place], 1, NOTHING, argument="input")
    return index.with_dtype(input.dtype)


def numbers(tensor: TensorType) -> Shape:
    """The shape; a single number counts as a vector of one."""
    return tensor.shape or (Dim.of(1),)


def is_empty(tensor: TensorType) -> bool:
    """Whether it surely has no elements."""
    return any(size.constant == 0 for size in tensor.shape)


def need_fitting(index: TensorType, tensor: TensorType, name: str, but: int | None = None) -> None:
    """Refuses an index of another rank than the tensor, or larger in a dimension except `but`."""
    lengths, sizes = numbers(index), numbers(tensor)
    if len(lengths) != len(sizes):
        raise Refusal(
            f"index must have the {tensor.rank} dimensions of {name}, seen is"
            f" {shape_text(index.shape)}",
            code="shape-mismatch",
            argument="index",
            other=name,
        )
    for place, (length, size) in enumerate(zip(lengths, sizes, strict=True)):
        if place != but:
            need_at_least(
                size - length,
                0,
                f"index must not be larger than {name} in dimension {place}: {length} of {size}",
                argument="index",
                other=name,
            )


@function("torch", method=True)
def index_select(input: Tensor, dim: Int, index: Tensor) -> TensorType:
    """The slices along dim that a vector of indices names."""
    place = dimension(dim, input.rank)
    need_whole(index, ("int64", "int32"))
    need_rank(index, (0, 1), "index", "(n,)")
    count = index.shape[0] if index.rank else Dim.of(1)
    if input.rank == 0:
        if count != 1:
            raise Refusal("a single number has one index", argument="index", other="input")
        return input
    if count != 0:
        need_at_least(input.shape[place], 1, NOTHING, argument="input")
    return input.with_shape((*input.shape[:place], count, *input.shape[place + 1 :]))


def need_whole(index: TensorType, dtypes: tuple[str, ...], argument: str = "index") -> None:
    """Refuses an index of other element types."""
    if index.dtype not in dtypes:
        raise Refusal(
            f"{argument} must be {' or '.join(dtypes)}, not {index.dtype}",
            code="dtype-mismatch",
            argument=argument,
        )


@function("torch", method=True)
def take(input: Tensor, index: Tensor) -> TensorType:
    """The elements that index names, counted over all of input, in index's shape."""
    need_whole(index, ("int64",))
    if not is_empty(index):
        need_at_least(input.numel(), 1, NOTHING, argument="input")
    return index.with_dtype(input.dtype)


@function("torch", method=True)
def take_along_dim(input: Tensor, indices: Tensor, dim: OptionalInt = None) -> TensorType:
    """As gather, the sizes beside dim broadcast; without dim as take, in one dimension."""
    need_whole(indices, ("int64", "int32") if dim is None else ("int64",), "indices")
    if dim is None:
        flat = indices.with_shape((indices.numel(),))
        return gather(input.with_shape((input.numel(),)), 0, flat)
    if input.rank != indices.rank or not input.rank:
        raise Refusal(
            f"input and indices must have equally many dimensions, seen are"
            f" {shape_text(input.shape)} and {shape_text(indices.shape)}",
            code="shape-mismatch",
            argument="indices",
            other="input",
        )
    place = dimension(dim, input.rank)
    one = input.with_shape((*input.shape[:place], 1, *input.shape[place + 1 :]))
    shape = broadcast(one.shape, indices.shape, names=("input", "indices"))
    if all(size.constant != 0 for size in shape):
        need_at_least(input.shape[place], 1, NOTHING, argument="input")
    return input.with_shape(shape)


@function("torch", method=True)
def narrow(input: Tensor, dim: Int, start: Start, length: AnySize) -> TensorType:
    """The slice of `length` from `start` along dim; a tensor for `start` is a single number."""
    if input.rank == 0:
        raise Refusal("a single number can't be cut", argument="input")
    place = dimension(dim, input.rank)
    size = input.shape[place]
    what = f"start = {start} and length = {length} must lie within {size}"
    if isinstance(start, TensorType):
        need_rank(start, (0,), "start", "a single number")
        need_whole(start, WHOLE, "start")
        what, first = f"length = {length} must lie within {size}", Dim.of(0)
    else:
        first = size + start if start.constant is not None and start.constant < 0 else start
    for room in (first, length, size - first - length):
        need_at_least(room, 0, what, argument="start", other="length")
    return input.with_shape((*input.shape[:place], length, *input.shape[place + 1 :]))


@function("torch", method=True)
def select(input: Tensor, dim: Int, index: AnySize) -> TensorType:
    """The slice at `index` along dim, which it loses."""
    if input.rank == 0:
        raise Refusal("a single number can't be cut", argument="input")
    place = dimension(dim, input.rank)
    chosen = (*[slice(None)] * place, index)
    return sliced_at(input, chosen)


def cut(input: TensorType, dim: int, start: Dim | None, end: Dim | None, step: int) -> TensorType:
    """The type of the slice `start:end:step` along a dimension."""
    if input.rank == 0:
        raise Refusal("a single number can't be cut", argument="input")
    place = dimension(dim, input.rank)
    length = sliced(input.shape[place], slice(start, end, step))
    return input.with_shape((*input.shape[:place], length, *input.shape[place + 1 :]))


@function("torch", method=True)
def nonzero_static(input: Tensor, *, size: AnySize, fill_value: Int = -1) -> TensorType:
    """(size, dimensions): where elements are not zero, filled up or cut to `size` places."""
    need_at_least(size, 0, "size must not be negative", argument="size")
    return TensorType((size, Dim.of(input.rank)), "int64")


@function("torch")
def unravel_index(indices: Tensor, shape: SizeOrSizes) -> tuple[TensorType, ...]:
    """Places counted over all of `shape` as one index for each of its dimensions."""
    need_whole(indices, WHOLE, "indices")
    sizes = shape if isinstance(shape, tuple) else (shape,)
    for size in sizes:
        need_at_least(size, 1, "a size must be at least 1", argument="shape")
    return tuple(indices.with_dtype("int64") for _ in sizes)
