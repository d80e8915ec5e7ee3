"""Element-wise functions of one tensor.

Source: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from typing import Annotated

from ..kinds import Integer
from ..tensor.dtype import DType, category
from ..tensor.type import TensorType
from .base import LEFT_OUT, LeftOut, OptionalAnyNumber, Positive, Result, Tensor, function
from .pointwise import (
    Rule,
    floating,
    fraction,
    keep,
    magnitude,
    need_storable,
    number,
    ordered,
    ordered_test,
    real,
    real_fraction,
    to_bool,
    unary,
    whole,
)

Degree = Annotated[int, Integer(0)]
Decimals = Annotated[int | LeftOut, Integer()]


def _angle(dtype: DType) -> DType:
    return magnitude(dtype) if category(dtype) == "complex" else fraction(dtype)


_squared: Rule = lambda dtype: "int64" if dtype == "bool" else dtype  # noqa: E731 - a row's rule

exp = unary(fraction)
exp2 = unary(fraction)
expm1 = unary(fraction)
log = unary(fraction)
log1p = unary(fraction)
log2 = unary(fraction)
log10 = unary(fraction)
sqrt = unary(fraction)
rsqrt = unary(fraction)
reciprocal = unary(fraction)
square = unary(_squared)
sin = unary(fraction)
cos = unary(fraction)
tan = unary(fraction)
asin = unary(fraction)
arcsin = unary(fraction)
acos = unary(fraction)
arccos = unary(fraction)
atan = unary(fraction)
arctan = unary(fraction)
sinh = unary(fraction)
cosh = unary(fraction)
asinh = unary(fraction)
arcsinh = unary(fraction)
acosh = unary(fraction)
arccosh = unary(fraction)
atanh = unary(fraction)
arctanh = unary(fraction)
sinc = unary(fraction)
erf = unary(real_fraction)
erfc = unary(real_fraction)
erfinv = unary(real_fraction)
digamma = unary(real_fraction)
lgamma = unary(real_fraction)
i0 = unary(real_fraction)
deg2rad = unary(real_fraction)
rad2deg = unary(real_fraction)
neg = unary(number)
negative = unary(number)
positive = unary(number)
abs = unary(magnitude)
absolute = unary(magnitude)
sign = unary(ordered)
sgn = unary(keep)
floor = unary(real)
ceil = unary(real)
trunc = unary(real)
fix = unary(real)
frac = unary(floating)
angle = unary(_angle)
isnan = unary(to_bool)
isinf = unary(to_bool)
isfinite = unary(to_bool)
isreal = unary(to_bool)
isposinf = unary(ordered_test)
isneginf = unary(ordered_test)
signbit = unary(ordered_test)
logical_not = unary(to_bool)
bitwise_not = unary(whole)
conj = unary(keep)
conj_physical = unary(keep)
resolve_conj = unary(keep)
resolve_neg = unary(keep)


@function("torch", method=True)
def round(input: Tensor, *, decimals: Decimals = LEFT_OUT) -> TensorType:
    rule = real if isinstance(decimals, LeftOut) else floating
    return input.with_dtype(rule(input.dtype))


@function("torch", method=True)
def nan_to_num(
    input: Tensor,
    nan: OptionalAnyNumber = None,
    posinf: OptionalAnyNumber = None,
    neginf: OptionalAnyNumber = None,
) -> TensorType:
    return input


@function("torch", method=True)
def logit(input: Tensor, eps: OptionalAnyNumber = None) -> TensorType:
    result = input.with_dtype(real_fraction(input.dtype))
    if eps is not None:
        need_storable(eps, result.dtype, "eps")
    return result


@function("torch", method=True)
def frexp(input: Tensor) -> Result:
    """mantissa, exponent"""
    return input.with_dtype(floating(input.dtype)), input.with_dtype("int32")


@function("torch", method=True)
def mvlgamma(input: Tensor, p: Positive) -> TensorType:
    return input.with_dtype(fraction(real(input.dtype)))


@function("torch")
def polygamma(n: Degree, input: Tensor) -> TensorType:
    return input.with_dtype(real_fraction(input.dtype))


@function("method")
def method_polygamma(input: Tensor, n: Degree) -> TensorType:
    return input.with_dtype(real_fraction(input.dtype))
