"""Arithmetic of two operands, element by element.

Source: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from typing import Annotated

from ..kinds import Choice, Optional
from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category, itemsize, real_to_complex
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType
from .base import Operand, Scalar, Tensor, alias, function, operand_shapes, result_type
from .matrix import need_same_dtype
from .pointwise import (
    binary,
    binary_number,
    binary_tensor,
    elementwise,
    floating,
    fraction,
    inexact,
    integral,
    keep,
    need_storable,
    need_tensor,
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
gcd = binary_tensor(integral)
lcm = binary_tensor(integral)
hypot = binary_tensor(floating)
nextafter = binary_tensor(floating)
igamma = binary_tensor(floating)
igammac = binary_tensor(floating)
maximum = binary_tensor(ordered)
minimum = binary_tensor(ordered)
fmax = binary_tensor(ordered)
fmin = binary_tensor(ordered)
atan2 = binary_tensor(real_fraction)
arctan2 = binary_tensor(real_fraction)
logaddexp = binary_tensor(inexact)
logaddexp2 = binary_tensor(floating)
xlogy = binary(real_fraction)
copysign = binary_number(real_fraction)
bitwise_and = binary(whole)
bitwise_or = binary(whole)
bitwise_xor = binary(whole)
bitwise_left_shift = binary(integral)
bitwise_right_shift = binary(integral)
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


subtract = alias(sub, method=True)


@function("torch")
def rsub(input: Tensor, other: Operand, *, alpha: Scalar = 1) -> TensorType:
    """other - alpha * input"""
    return sub(input, other, alpha=alpha)


def is_bool(operand: object) -> bool:
    """Whether an operand is true or false, or a tensor of them."""
    return isinstance(operand, bool) or (
        isinstance(operand, TensorType) and operand.dtype == "bool"
    )


def _need_factor(alpha: Scalar, dtype: DType) -> None:
    """Refuses a factor of a higher kind of number than the result."""
    kind = category(dtype)
    if isinstance(alpha, bool):
        if kind != "bool":
            raise Refusal("alpha must not be true or false here", argument="alpha")
    elif isinstance(alpha, float) and kind in ("bool", "integer"):
        raise Refusal(f"alpha must be whole for {dtype}, not {alpha}", argument="alpha")
    if kind != "bool":
        need_storable(alpha, dtype, "alpha")


@function("torch", method=True)
def remainder(input: Operand, other: Operand) -> TensorType:
    return _divided(input, other)


@function("torch", method=True)
def fmod(input: Tensor, other: Operand) -> TensorType:
    return _divided(input, other)


@function("torch", method=True)
def floor_divide(input: Operand, other: Operand) -> TensorType:
    return _divided(input, other)


def _need_divisor(divisor: Dim, dtype: DType) -> None:
    """Refuses a number that is 0, or that is once its upper bits are cut off."""
    if not divisor.is_constant:
        need_storable(divisor, dtype, "other")
        if not isinstance(at_least(-divisor, 1), Proved):
            need_at_least(divisor, 1, "whole numbers are not divided by 0", argument="other")
    elif int(divisor) % 2 ** (8 * itemsize(dtype)) == 0:
        seen = f"{divisor}, which is 0 as {dtype}" if divisor != 0 else "0"
        raise Refusal(f"whole numbers are not divided by {seen}", argument="other")


def _divided(input: object, other: object) -> TensorType:
    """A whole division; torch refuses the plain number 0 where whole numbers are divided."""
    result = elementwise(real, input, other, names=_NAMES)
    if isinstance(other, int | Dim) and category(result.dtype) == "integer":
        _need_divisor(Dim.of(other), result.dtype)
    return result


@function("torch", method=True)
def div(input: Operand, other: Operand, *, rounding_mode: Rounding = None) -> TensorType:
    if rounding_mode is not None:
        return _divided(input, other)
    return elementwise(fraction, input, other, names=_NAMES)


divide = alias(div, method=True)


@function("torch", method=True)
def float_power(input: Operand, exponent: Operand) -> TensorType:
    """A power in double precision."""
    complexes = (
        isinstance(operand, TensorType) and category(operand.dtype) == "complex"
        for operand in (input, exponent)
    )
    dtype: DType = "complex128" if any(complexes) else "float64"
    names = ("input", "exponent")
    need_tensor(input, exponent, names=names)
    return TensorType(broadcast(*operand_shapes(input, exponent), names=names), dtype)


@function("torch", method=True)
def pow(input: Operand, exponent: Operand) -> TensorType:
    common = result_type(input, exponent)
    if is_bool(exponent) and is_bool(input) and not isinstance(exponent, bool):
        raise Refusal("torch raises no bool to a bool", code="dtype-mismatch", argument="exponent")
    if category(common) in ("bool", "integer") and isinstance(exponent, int | Dim):
        need_at_least(
            Dim.of(exponent),
            0,
            f"torch raises whole numbers to no negative power, seen is {exponent}",
            argument="exponent",
            other="input",
            code="invalid-value",
            help="make one of them floating-point",
        )
    result = elementwise(keep, input, exponent, names=("input", "exponent"))
    if not isinstance(exponent, TensorType) and result.dtype not in ("float32", "complex64"):
        need_storable(exponent, result.dtype, "exponent")
    return result


@function("torch", method=True)
def heaviside(input: Tensor, values: Tensor) -> TensorType:
    """0, 1, or the value where input is 0"""
    need_same_dtype("values", values, "input", input)
    return elementwise(ordered, input, values, names=("input", "values"))


@function("torch", method=True)
def ldexp(input: Tensor, other: Tensor) -> TensorType:
    """input * 2**other"""
    kind = category(input.dtype)
    if (kind == "float" and other.dtype == "bool") or (
        kind == "complex" and other.dtype == "float16" and other.rank
    ):
        raise Refusal(
            f"torch has no power of 2 by {other.dtype} for {input.dtype}",
            code="dtype-mismatch",
            argument="other",
            other="input",
        )
    return elementwise(fraction, input, other, names=_NAMES)


@function("torch")
def complex(real: Tensor, imag: Tensor) -> TensorType:
    """A complex tensor of its parts."""
    return _complex(real, imag, ("real", "imag"))


@function("torch")
def polar(abs: Tensor, angle: Tensor) -> TensorType:
    """A complex tensor of its polar coordinates."""
    return _complex(abs, angle, ("abs", "angle"))


def _complex(left: TensorType, right: TensorType, names: tuple[str, str]) -> TensorType:
    need_same_dtype(names[1], right, names[0], left)
    if left.dtype == "float16":
        raise Refusal("float16 gives complex32, which few functions take", argument=names[0])
    if left.dtype not in ("float32", "float64"):
        raise Refusal(
            f"{names[0]} is float32 or float64, not {left.dtype}",
            code="dtype-mismatch",
            argument=names[0],
        )
    return elementwise(real_to_complex, left, right, names=names)
