"""Element-wise functions of one tensor.

Source: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
"""

from ..tensor.dtype import DType, category
from ..tensor.type import TensorType
from .base import Int, Tensor, function
from .pointwise import (
    Rule,
    floating,
    fraction,
    keep,
    magnitude,
    number,
    only,
    ordered,
    ordered_test,
    real,
    real_fraction,
    to_bool,
    unary,
    whole,
)


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
acos = unary(fraction)
atan = unary(fraction)
sinh = unary(fraction)
cosh = unary(fraction)
asinh = unary(fraction)
acosh = unary(fraction)
atanh = unary(fraction)
sinc = unary(fraction)
erf = unary(real_fraction)
erfc = unary(real_fraction)
erfinv = unary(real_fraction)
digamma = unary(real_fraction)
lgamma = unary(real_fraction)
deg2rad = unary(real_fraction)
rad2deg = unary(real_fraction)
neg = unary(number)
negative = unary(number)
positive = unary(number)
abs = unary(magnitude)
sign = unary(ordered)
sgn = unary(keep)
floor = unary(real)
ceil = unary(real)
trunc = unary(real)
frac = unary(floating)
angle = unary(_angle)
isnan = unary(to_bool)
isinf = unary(to_bool)
isfinite = unary(to_bool)
isposinf = unary(ordered_test)
isneginf = unary(ordered_test)
signbit = unary(ordered_test)
logical_not = unary(to_bool)
bitwise_not = unary(whole)
nan_to_num = unary(keep)


@function("torch", method=True)
def round(input: Tensor, *, decimals: Int = 0) -> TensorType:
    rule = real if decimals == 0 else only("float")
    return input.with_dtype(rule(input.dtype))
