"""Views that are given by steps through a tensor's memory.

Types say nothing of strides: a tensor counts as contiguous, and where it may not be, the emitted
code makes it so. Source: https://docs.pytorch.org/docs/stable/tensor_view.html
"""

from ..refusal import Refusal
from ..tensor import check
from ..tensor.check import need_at_least, need_equal
from ..tensor.dim import Dim
from ..tensor.dtype import category, complex_to_real, real_to_complex
from ..tensor.type import TensorType, shape_text
from .base import AnySize, Int, OptionalSize, Positive, Sizes, Tensor, function


@function("method")
def method_unfold(input: Tensor, dimension: Int, size: AnySize, step: Positive) -> TensorType:
    """Windows of `size` along a dimension, `step` apart: their number stands in its place, and
    their elements stand last."""
    place = check.dimension(dimension, input.rank, "dimension")
    length = input.shape[place] if input.rank else Dim.of(1)
    need_at_least(size, 0, "size must not be negative", argument="size")
    need_at_least(
        length - size,
        0,
        f"a window of {size} does not fit into dimension {place}, which is {length}",
        argument="size",
        other="input",
    )
    if not input.rank:
        return input.with_shape((size,))
    count = (length - size) // step + 1
    return input.with_shape((*input.shape[:place], count, *input.shape[place + 1 :], size))


@function("torch", method=True)
def as_strided(
    input: Tensor, size: Sizes, stride: Sizes, storage_offset: OptionalSize = None
) -> TensorType:
    """The elements of the input, read in order with steps of one's own."""
    if len(size) != len(stride):
        raise Refusal("size and stride must be equally long", argument="stride", other="size")
    last = Dim.of(0) if storage_offset is None else storage_offset
    need_at_least(last, 0, "storage_offset must not be negative", argument="storage_offset")
    for length, step in zip(size, stride, strict=True):
        need_at_least(length, 0, "a size must not be negative", argument="size")
        need_at_least(step, 0, "a stride must not be negative", argument="stride")
        last = last + (length - 1) * step
    if not any(length.constant == 0 for length in size):
        need_at_least(
            input.numel() - last,
            1,
            f"the last element is at {last}, the input has {input.numel()}",
            argument="size",
            other="input",
        )
    return input.with_shape(size)


@function("torch")
def view_as_real(input: Tensor) -> TensorType:
    """(*) complex -> (*, 2): real and imaginary parts."""
    if category(input.dtype) != "complex":
        raise Refusal(
            f"input must be complex, not {input.dtype}", code="dtype-mismatch", argument="input"
        )
    return TensorType((*input.shape, Dim.of(2)), complex_to_real(input.dtype))


@function("torch")
def view_as_complex(input: Tensor) -> TensorType:
    """(*, 2) -> (*) complex, of real and imaginary parts."""
    if input.dtype not in ("float32", "float64"):
        why = ", which gives complex32" if input.dtype == "float16" else ""
        raise Refusal(
            f"input must be float32 or float64, not {input.dtype}{why}",
            code="dtype-mismatch",
            argument="input",
        )
    if not input.rank:
        raise Refusal("a single number has no parts", code="shape-mismatch", argument="input")
    need_equal(
        input.shape[-1],
        Dim.of(2),
        f"the last dimension of {shape_text(input.shape)} holds two parts",
        argument="input",
    )
    return TensorType(input.shape[:-1], real_to_complex(input.dtype))
