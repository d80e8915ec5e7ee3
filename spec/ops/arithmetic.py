"""Arithmetic of two operands, element by element.

Source: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from typing import Annotated

from ..kinds import Choice, Optional
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category
from ..tensor.type import TensorType
from .base import Operand, OptionalOperand, Scalar, Tensor, function, result_type
from .pointwise import (
    binary,
    binary_number,
    binary_tensor,
    elementwise,
    fraction,
    inexact,
    keep,
    need_storable,
    ordered,
    real,
    real_fraction,
    to_bool,
    whole,
)

Rounding = Annotated[str | None, Optional(Choice("trunc", "floor"))]
_NAMES = ("input", "other")

mul = binary(keep)
multiply = binary(keep)
true_divide = binary(fraction)
maximum = binary_tensor(ordered)
minimum = binary_tensor(ordered)
fmax = binary_tensor(ordered)
fmin = binary_tensor(ordered)
atan2 = binary_tensor(real_fraction)
arctan2 = binary_tensor(real_fraction)
logaddexp = binary_tensor(inexact)
xlogy = binary(real_fraction)
copysign = binary_number(real_fraction)
bitwise_and = binary(whole)
bitwise_or = binary(whole)
bitwise_xor = binary(whole)
logical_and = binary_tensor(to_bool)
logical_or = binary_tensor(to_bool)
logical_xor = binary_tensor(to_bool)


@function("torch", method=True)
def add(input: Operand, other: Operand, *, alpha: Scalar = 1) -> TensorType:
    result = elementwise(keep, input, other, names=_NAMES)
    _need_factor(alpha, result.dtype)
    return result


@function("torch", method=True)
def sub(input: Operand, other: Operand, *, alpha: Scalar = 1) -> TensorType:
    for name, operand in zip(_NAMES, (input, other), strict=True):
        if is_bool(operand):
            raise Refusal(
                "torch doesn't subtract bools",
                code="dtype-mismatch",
                argument=name,
                help="~ inverts a mask, ^ tells where two differ",
            )
    result = elementwise(keep, input, other, names=_NAMES)
    _need_factor(alpha, result.dtype)
    return result


def is_bool(operand: object) -> bool:
    """Whether an operand is true or false, or a tensor of them."""
    return isinstance(operand, bool) or (
        isinstance(operand, TensorType) and operand.dtype == "bool"
    )


def _need_factor(alpha: object, dtype: DType) -> None:
    """Refuses a factor of a higher kind of number than the result."""
    kind = category(dtype)
    if isinstance(alpha, bool):
        if kind != "bool":
            raise Refusal("alpha must not be true or false here", argument="alpha")
    elif isinstance(alpha, float) and kind in ("bool", "integer"):
        raise Refusal(f"alpha must be whole for {dtype}, not {alpha}", argument="alpha")


@function("torch", method=True)
def remainder(input: Operand, other: Operand) -> TensorType:
    return _divided(input, other)


@function("torch", method=True)
def fmod(input: Tensor, other: Operand) -> TensorType:
    return _divided(input, other)


@function("torch", method=True)
def floor_divide(input: Operand, other: Operand) -> TensorType:
    return _divided(input, other)


def _divided(input: object, other: object) -> TensorType:
    """A whole division; torch refuses the plain number 0 where whole numbers are divided."""
    result = elementwise(real, input, other, names=_NAMES)
    zero = not isinstance(other, TensorType) and other == 0
    if zero and category(result.dtype) == "integer":
        raise Refusal("whole numbers are not divided by 0", argument="other")
    return result


@function("torch", method=True)
def div(input: Operand, other: Operand, *, rounding_mode: Rounding = None) -> TensorType:
    if rounding_mode is not None:
        return _divided(input, other)
    return elementwise(fraction, input, other, names=_NAMES)


@function("torch", method=True)
def pow(input: Operand, exponent: Operand) -> TensorType:
    common = result_type(input, exponent)
    if is_bool(exponent) and is_bool(input) and not isinstance(exponent, bool):
        raise Refusal("torch raises no bool to a bool", code="dtype-mismatch", argument="exponent")
    negative = (
        isinstance(exponent, int | Dim)
        and (not isinstance(exponent, Dim) or exponent.is_constant)
        and exponent < 0
    )
    if negative and category(common) in ("bool", "integer"):
        raise Refusal(
            f"torch raises whole numbers to no negative power, seen is {exponent}",
            argument="exponent",
            other="input",
            help="make one of them floating-point",
        )
    result = elementwise(keep, input, exponent, names=("input", "exponent"))
    if isinstance(exponent, int | float) and result.dtype != "float32":
        need_storable(exponent, result.dtype, "exponent")
    return result


@function("torch")
def where(condition: Tensor, input: Operand, other: Operand) -> TensorType:
    """Elements of input where the condition holds, else of other."""
    if condition.dtype not in ("bool", "uint8"):
        raise Refusal(
            f"condition must be bool, not {condition.dtype}",
            code="dtype-mismatch",
            argument="condition",
        )
    both = elementwise(keep, input, other, names=_NAMES)
    shape = elementwise(keep, condition, both, names=("condition", "input"))
    return TensorType(shape.shape, both.dtype)


@function("torch", method=True)
def clamp(input: Tensor, min: OptionalOperand = None, max: OptionalOperand = None) -> TensorType:
    bounds = {name: bound for name, bound in (("min", min), ("max", max)) if bound is not None}
    if not bounds:
        raise Refusal("clamp needs min or max", code="missing-argument", argument="min")
    if len({isinstance(bound, TensorType) for bound in bounds.values()}) > 1:
        raise Refusal("min and max must both be numbers or both tensors", argument="max")
    result = elementwise(ordered, input, *bounds.values(), names=("input", *bounds))
    for name, bound in bounds.items():
        if isinstance(bound, int | float):
            need_storable(bound, result.dtype, name)
    return result


@function("torch", method=True)
def lerp(input: Tensor, end: Tensor, weight: Operand) -> TensorType:
    """input + weight * (end - input)"""
    for name, tensor in (("end", end), ("weight", weight)):
        if isinstance(tensor, TensorType) and tensor.dtype != input.dtype:
            raise Refusal(
                f"{name} is {tensor.dtype}, but input is {input.dtype}",
                code="dtype-mismatch",
                argument=name,
                other="input",
            )
    return elementwise(inexact, input, end, weight, names=("input", "end", "weight"))
