"""`torch.special`, written with its namespace: `special.erfcx(x)`.

Source: https://docs.pytorch.org/docs/stable/special.html
"""

from ..refusal import Refusal
from ..tensor.dtype import DType
from ..tensor.type import TensorType
from .activation import normalized
from .base import Function, Int, Namespace, Operand, OptionalDType, Tensor, alias, function
from .elementary import logit, mvlgamma, polygamma
from .pointwise import (
    Rule,
    binary,
    binary_tensor,
    elementwise,
    floating,
    fraction,
    real_fraction,
    unary,
)
from .reduction import logsumexp


def full_precision(dtype: DType) -> DType:
    """As `real_fraction`, for what torch does not compute in half precision on CPU."""
    if dtype in ("float16", "bfloat16"):
        raise Refusal(
            f"torch computes it in float32 and float64, not in {dtype}",
            code="dtype-mismatch",
            argument="input",
            help="convert first, as by .float()",
        )
    return real_fraction(dtype)


def unary_x(rule: Rule, namespace: Namespace) -> Function[TensorType]:
    """As `unary`, where torch calls the tensor x."""

    def apply(x: Tensor) -> TensorType:
        return _of_x(rule, x, names=("x",))

    return Function(apply, namespace)


def binary_polynomial(rule: Rule, namespace: Namespace) -> Function[TensorType]:
    """As `binary`, where torch calls the operands x, and n for the degree."""

    def apply(x: Operand, n: Operand) -> TensorType:
        return _of_x(rule, x, n, names=("x", "n"))

    return Function(apply, namespace)


def _of_x(rule: Rule, *operands: object, names: tuple[str, ...]) -> TensorType:
    try:
        return elementwise(rule, *operands, names=names)
    except Refusal as refusal:
        raise refusal.renamed(input="x") from None


special_exp2 = unary(fraction, "torch.special", method=False)
special_expit = unary(fraction, "torch.special", method=False)
special_expm1 = unary(fraction, "torch.special", method=False)
special_log1p = unary(fraction, "torch.special", method=False)
special_sinc = unary(fraction, "torch.special", method=False)
special_digamma = unary(real_fraction, "torch.special", method=False)
special_psi = unary(real_fraction, "torch.special", method=False)
special_entr = unary(real_fraction, "torch.special", method=False)
special_erf = unary(real_fraction, "torch.special", method=False)
special_erfc = unary(real_fraction, "torch.special", method=False)
special_erfinv = unary(real_fraction, "torch.special", method=False)
special_gammaln = unary(real_fraction, "torch.special", method=False)
special_i0 = unary(real_fraction, "torch.special", method=False)
special_i0e = unary(real_fraction, "torch.special", method=False)
special_i1 = unary(real_fraction, "torch.special", method=False)
special_i1e = unary(real_fraction, "torch.special", method=False)
special_ndtr = unary(real_fraction, "torch.special", method=False)
special_bessel_j0 = unary(full_precision, "torch.special", method=False)
special_bessel_j1 = unary(full_precision, "torch.special", method=False)
special_bessel_y0 = unary(full_precision, "torch.special", method=False)
special_bessel_y1 = unary(full_precision, "torch.special", method=False)
special_erfcx = unary(full_precision, "torch.special", method=False)
special_log_ndtr = unary(full_precision, "torch.special", method=False)
special_modified_bessel_i0 = unary(full_precision, "torch.special", method=False)
special_modified_bessel_i1 = unary(full_precision, "torch.special", method=False)
special_modified_bessel_k0 = unary(full_precision, "torch.special", method=False)
special_modified_bessel_k1 = unary(full_precision, "torch.special", method=False)
special_ndtri = unary(full_precision, "torch.special", method=False)
special_airy_ai = unary_x(full_precision, "torch.special")
special_scaled_modified_bessel_k0 = unary_x(full_precision, "torch.special")
special_scaled_modified_bessel_k1 = unary_x(full_precision, "torch.special")
special_spherical_bessel_j0 = unary_x(full_precision, "torch.special")
special_chebyshev_polynomial_t = binary_polynomial(full_precision, "torch.special")
special_chebyshev_polynomial_u = binary_polynomial(full_precision, "torch.special")
special_chebyshev_polynomial_v = binary_polynomial(full_precision, "torch.special")
special_chebyshev_polynomial_w = binary_polynomial(full_precision, "torch.special")
special_hermite_polynomial_h = binary_polynomial(full_precision, "torch.special")
special_hermite_polynomial_he = binary_polynomial(full_precision, "torch.special")
special_laguerre_polynomial_l = binary_polynomial(full_precision, "torch.special")
special_legendre_polynomial_p = binary_polynomial(full_precision, "torch.special")
special_shifted_chebyshev_polynomial_t = binary_polynomial(full_precision, "torch.special")
special_shifted_chebyshev_polynomial_u = binary_polynomial(full_precision, "torch.special")
special_shifted_chebyshev_polynomial_v = binary_polynomial(full_precision, "torch.special")
special_shifted_chebyshev_polynomial_w = binary_polynomial(full_precision, "torch.special")
special_xlogy = binary(real_fraction, "torch.special", method=False)
special_xlog1py = binary(real_fraction, "torch.special", method=False)
special_zeta = binary(full_precision, "torch.special", method=False)
special_gammainc = binary_tensor(floating, "torch.special", method=False)
special_gammaincc = binary_tensor(floating, "torch.special", method=False)
special_logit = alias(logit, "torch.special")
special_polygamma = alias(polygamma, "torch.special")
special_multigammaln = alias(mvlgamma, "torch.special")
special_logsumexp = alias(logsumexp, "torch.special")


@function("torch.special")
def special_softmax(input: Tensor, dim: Int, dtype: OptionalDType = None) -> TensorType:
    return normalized(input, dim, dtype)


@function("torch.special")
def special_log_softmax(input: Tensor, dim: Int, *, dtype: OptionalDType = None) -> TensorType:
    return normalized(input, dim, dtype)


@function("torch.special")
def special_round(input: Tensor, *, decimals: Int = 0) -> TensorType:
    return input.with_dtype(floating(input.dtype))
