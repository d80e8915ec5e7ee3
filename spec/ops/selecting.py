"""Choosing and masking elements.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType, shape_text
from .base import AnySize, Int, Operand, Tensor, function
from .indexing import index as sliced_at
from .pointwise import elementwise, keep, need_storable


@function("torch", method=True)
def gather(input: Tensor, dim: Int, index: Tensor) -> TensorType:
    """Elements along dim that index names, in index's shape."""
    place = dimension(dim, input.rank)
    _need_whole(index, ("int64", "int32"))
    if max(index.rank, 1) != max(input.rank, 1):
        raise Refusal(
            f"index must have {input.rank} dimensions, seen is {shape_text(index.shape)}",
            code="shape-mismatch",
            argument="index",
            other="input",
        )
    one = (Dim.of(1),)  # a single number counts as a vector of one
    pairs = zip(input.shape or one, index.shape or one, strict=True)
    for other, (size, length) in enumerate(pairs):
        if other == place:
            if all(wanted.constant != 0 for wanted in index.shape):
                need_at_least(size, 1, "nothing can be chosen from nothing", argument="input")
        else:
            need_at_least(
                size - length,
                0,
                f"index must not be larger than input in dimension {other}: {length} of {size}",
                argument="index",
                other="input",
            )
    return index.with_dtype(input.dtype)


@function("torch", method=True)
def index_select(input: Tensor, dim: Int, index: Tensor) -> TensorType:
    """The slices along dim that a vector of indices names."""
    place = dimension(dim, input.rank)
    _need_whole(index, ("int64", "int32"))
    need_rank(index, (0, 1), "index", "(n,)")
    count = index.shape[0] if index.rank else Dim.of(1)
    if input.rank == 0:
        if count != 1:
            raise Refusal("a single number has one index", argument="index", other="input")
        return input
    if count != 0:
        need_at_least(input.shape[place], 1, "nothing can be chosen from nothing", argument="input")
    return input.with_shape((*input.shape[:place], count, *input.shape[place + 1 :]))


def _need_whole(index: TensorType, dtypes: tuple[str, ...]) -> None:
    if index.dtype not in dtypes:
        raise Refusal(
            f"index must be {' or '.join(dtypes)}, not {index.dtype}",
            code="dtype-mismatch",
            argument="index",
        )


@function("torch", method=True)
def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> TensorType:
    """`value` where the mask is true."""
    if mask.dtype != "bool":
        raise Refusal(
            f"mask must be bool, not {mask.dtype}", code="dtype-mismatch", argument="mask"
        )
    if isinstance(value, TensorType):
        need_rank(value, (0,), "value", "a single number")
    elif not isinstance(value, Dim):
        need_storable(value, input.dtype, "value")
    shape = elementwise(keep, input, mask, names=("input", "mask")).shape
    return TensorType(shape, input.dtype)


@function("torch", method=True)
def narrow(input: Tensor, dim: Int, start: AnySize, length: AnySize) -> TensorType:
    """The slice of `length` from `start` along dim."""
    if input.rank == 0:
        raise Refusal("a single number can't be cut", argument="input")
    place = dimension(dim, input.rank)
    size = input.shape[place]
    what = f"start = {start} and length = {length} must lie within {size}"
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
