"""Methods that change the element type, or nothing that a type knows of.

Source: https://docs.pytorch.org/docs/stable/tensors.html
"""

from typing import Annotated

from ..kinds import DTypeName, Either, Optional
from ..refusal import Refusal
from ..tensor.dtype import DType, category, complex_to_real
from ..tensor.type import TensorType
from .base import ByName, Flag, OptionalDType, OptionalFlag, Tensor, TensorKind, function

Example = Annotated[
    DType | TensorType | None,
    Optional(Either(DTypeName(), TensorKind())),
    ByName(Optional(DTypeName())),
]
"""An element type, or a tensor that has it."""


@function("method")
def to(
    input: Tensor, dtype: Example = None, non_blocking: Flag = False, copy: Flag = False
) -> TensorType:
    return input.with_dtype(dtype.dtype if isinstance(dtype, TensorType) else dtype or input.dtype)


@function("method")
def to_dense(
    input: Tensor, dtype: OptionalDType = None, *, masked_grad: OptionalFlag = None
) -> TensorType:
    """The tensor itself, perhaps converted: those of a model are dense."""
    return input.with_dtype(dtype or input.dtype)


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
def byte(input: Tensor) -> TensorType:
    return input.with_dtype("uint8")


@function("method")
def char(input: Tensor) -> TensorType:
    return input.with_dtype("int8")


@function("method")
def short(input: Tensor) -> TensorType:
    return input.with_dtype("int16")


@function("method")
def cfloat(input: Tensor) -> TensorType:
    return input.with_dtype("complex64")


@function("method")
def cdouble(input: Tensor) -> TensorType:
    return input.with_dtype("complex128")


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
