"""Methods that change the element type, or nothing that a type knows of.

Source: https://docs.pytorch.org/docs/stable/tensors.html
"""

from ..refusal import Refusal
from ..tensor.dtype import category, complex_to_real
from ..tensor.type import TensorType
from .base import DTypeArgument, Tensor, function


@function("method")
def to(input: Tensor, dtype: DTypeArgument) -> TensorType:
    return input.with_dtype(dtype)


@function("method")
def type_as(input: Tensor, other: Tensor) -> TensorType:
    return input.with_dtype(other.dtype)


@function("method")
def float(input: Tensor) -> TensorType:
    return input.with_dtype("float32")


@function("method")
def double(input: Tensor) -> TensorType:
    return input.with_dtype("float64")


@function("method")
def half(input: Tensor) -> TensorType:
    return input.with_dtype("float16")


@function("method")
def bfloat16(input: Tensor) -> TensorType:
    return input.with_dtype("bfloat16")


@function("method")
def long(input: Tensor) -> TensorType:
    return input.with_dtype("int64")


@function("method")
def int(input: Tensor) -> TensorType:
    return input.with_dtype("int32")


@function("method")
def bool(input: Tensor) -> TensorType:
    return input.with_dtype("bool")


@function("method")
def contiguous(input: Tensor) -> TensorType:
    return input


@function("torch", method=True)
def detach(input: Tensor) -> TensorType:
    return input


@function("torch", method=True)
def clone(input: Tensor) -> TensorType:
    return input


@function("torch")
def real(input: Tensor) -> TensorType:
    return input.with_dtype(complex_to_real(input.dtype))


@function("torch")
def imag(input: Tensor) -> TensorType:
    if category(input.dtype) != "complex":
        raise Refusal(f"{input.dtype} has no imaginary part", argument="input")
    return input.with_dtype(complex_to_real(input.dtype))
