"""Functions that make tensors after the shape or the element type of another one.

Source: https://docs.pytorch.org/docs/stable/torch.html#creation-ops and
https://docs.pytorch.org/docs/stable/tensors.html
"""

from ..tensor.type import TensorType
from .base import OptionalDType, Scalar, Sizes, Tensor, alias, function
from .factory import filled, made, need_strides
from .numbers import Numbers, tensor


@function("torch")
def zeros_like(input: Tensor, *, dtype: OptionalDType = None) -> TensorType:
    return input.with_dtype(dtype or input.dtype)


ones_like = alias(zeros_like)
empty_like = alias(zeros_like)


@function("torch")
def full_like(input: Tensor, fill_value: Scalar, *, dtype: OptionalDType = None) -> TensorType:
    return filled(input.with_dtype(dtype or input.dtype), fill_value)


@function("method", variadic="size")
def new_zeros(input: Tensor, size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    """Of the input's element type and device."""
    return made(size, dtype or input.dtype)


new_ones = alias(new_zeros, "method", method=True)
new_empty = alias(new_zeros, "method", method=True)


@function("method")
def new_empty_strided(
    input: Tensor, size: Sizes, stride: Sizes, *, dtype: OptionalDType = None
) -> TensorType:
    """As new_empty, with steps in memory of one's own."""
    need_strides(size, stride)
    return made(size, dtype or input.dtype)


@function("method")
def new_full(
    input: Tensor, size: Sizes, fill_value: Scalar, *, dtype: OptionalDType = None
) -> TensorType:
    """Of the input's element type and device."""
    return filled(made(size, dtype or input.dtype), fill_value)


@function("method")
def new_tensor(input: Tensor, data: Numbers, *, dtype: OptionalDType = None) -> TensorType:
    """Numbers as a tensor of the input's element type and device."""
    return tensor(data, dtype=dtype or input.dtype)
