"""Spread, quantiles and covariance.

Source: https://docs.pytorch.org/docs/stable/torch.html#reduction-ops
"""

from typing import Annotated, Final

from ..kinds import Boolean, Choice, Either, Integer, Optional, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category, promote, to_float
from ..tensor.type import Shape, TensorType
from .arithmetic import sub
from .base import (
    LEFT_OUT,
    AnyNumber,
    ByName,
    Flag,
    Int,
    LeftOut,
    OptionalInt,
    OptionalTensor,
    Tensor,
    TensorKind,
    function,
)
from .matrix_norm import norm
from .pointwise import number_fraction
from .reduction import reduced, reduction, spread

Both = tuple[TensorType, TensorType]
# By its place a single flag is `unbiased`, in one of torch's signatures.
Dims = Annotated[
    bool | int | tuple[int, ...] | LeftOut | None,
    Optional(Either(Boolean(), Repeated(Integer()))),
    ByName(Optional(Repeated(Integer()))),
]
Correction = Annotated[float | LeftOut | None, Optional(Real(finite=False))]
Given = Annotated[bool | LeftOut, Boolean()]
Share = Annotated[TensorType | float, Either(TensorKind(), Real(0.0, 1.0))]
Interpolation = Annotated[str, Choice("linear", "lower", "higher", "midpoint", "nearest")]
LARGEST: Final = 2**24


def _deviation(
    input: TensorType,
    dim: bool | int | tuple[int, ...] | LeftOut | None,
    unbiased: bool | LeftOut,
    keepdim: bool | LeftOut,
    correction: float | LeftOut | None,
) -> TensorType:
    """The type of a deviation from the mean."""
    rest = {"unbiased": unbiased, "keepdim": keepdim, "correction": correction}
    given = [name for name, value in rest.items() if not isinstance(value, LeftOut)]
    if isinstance(dim, bool) and given:
        raise Refusal("a flag in the place of dim stands alone", argument=given[0])
    if "unbiased" in given and "correction" in given:
        message = "unbiased and correction say the same"
        raise Refusal(message, argument="unbiased", other="correction")
    if "unbiased" in given and "keepdim" in given and isinstance(dim, LeftOut):
        message = "with unbiased, keepdim needs dim"
        raise Refusal(message, argument="keepdim", other="unbiased")
    dims = None if isinstance(dim, bool | LeftOut) else dim
    return reduction(input, spread, dims, keepdim is True)


@function("torch", method=True)
def std(
    input: Tensor,
    dim: Dims = LEFT_OUT,
    unbiased: Given = LEFT_OUT,
    keepdim: Given = LEFT_OUT,
    *,
    correction: Correction = LEFT_OUT,
) -> TensorType:
    return _deviation(input, dim, unbiased, keepdim, correction)


@function("torch", method=True)
def var(
    input: Tensor,
    dim: Dims = LEFT_OUT,
    unbiased: Given = LEFT_OUT,
    keepdim: Given = LEFT_OUT,
    *,
    correction: Correction = LEFT_OUT,
) -> TensorType:
    return _deviation(input, dim, unbiased, keepdim, correction)


@function("torch")
def std_mean(
    input: Tensor,
    dim: Dims = LEFT_OUT,
    unbiased: Given = LEFT_OUT,
    keepdim: Given = LEFT_OUT,
    *,
    correction: Correction = LEFT_OUT,
) -> Both:
    deviation = _deviation(input, dim, unbiased, keepdim, correction)
    return deviation, deviation.with_dtype(input.dtype)


@function("torch")
def var_mean(
    input: Tensor,
    dim: Dims = LEFT_OUT,
    unbiased: Given = LEFT_OUT,
    keepdim: Given = LEFT_OUT,
    *,
    correction: Correction = LEFT_OUT,
) -> Both:
    deviation = _deviation(input, dim, unbiased, keepdim, correction)
    return deviation, deviation.with_dtype(input.dtype)


@function("torch", method=True)
def quantile(
    input: Tensor,
    q: Share,
    dim: OptionalInt = None,
    keepdim: Flag = False,
    *,
    interpolation: Interpolation = "linear",
) -> TensorType:
    """(*, n, *) -> (*), or (m, *) where q is (m,)."""
    return _quantile(input, q, dim, keepdim)


@function("torch", method=True)
def nanquantile(
    input: Tensor,
    q: Share,
    dim: OptionalInt = None,
    keepdim: Flag = False,
    *,
    interpolation: Interpolation = "linear",
) -> TensorType:
    """As quantile, of what is not nan."""
    return _quantile(input, q, dim, keepdim)


def _quantile(
    input: TensorType, q: TensorType | float, dim: int | None, keepdim: bool
) -> TensorType:
    if input.dtype not in ("float32", "float64"):
        raise Refusal(
            f"torch takes float32 or float64 tensors here, not {input.dtype}",
            code="dtype-mismatch",
            argument="input",
        )
    shares = _shares(q, input)
    need_at_least(input.numel(), 1, "nothing has no quantile", argument="input")
    shape = reduced(input.shape, dim, keepdim)
    size = input.numel() if dim is None or not input.rank else input.shape[dim]
    if size.constant is not None and size.constant > LARGEST:
        raise Refusal(f"torch sorts at most {LARGEST:,} elements, not {size}", argument="input")
    return input.with_shape((*shares, *shape))


def _shares(q: TensorType | float, input: TensorType) -> Shape:
    """The shape of the shares that are asked for."""
    if not isinstance(q, TensorType):
        return ()
    need_rank(q, (0, 1), "q", "(m,) or ()")
    if q.dtype != input.dtype:
        raise Refusal(
            f"q is {q.dtype}, but input is {input.dtype}",
            code="dtype-mismatch",
            argument="q",
            other="input",
        )
    return q.shape


@function("torch", method=True)
def dist(input: Tensor, other: Tensor, p: AnyNumber = 2) -> TensorType:
    """The p-norm of the difference: (*), (*) -> ()"""
    return norm(sub(input, other), p)


@function("torch", method=True)
def cov(
    input: Tensor,
    *,
    correction: Int = 1,
    fweights: OptionalTensor = None,
    aweights: OptionalTensor = None,
) -> TensorType:
    """(n, m) -> (n, n), the m columns being observations; (m,) or () -> (), and so (1, m)"""
    result = _covariance(input)
    observations = input.shape[-1] if input.rank else Dim.of(1)
    weighted = input.dtype
    kinds = {"fweights": (fweights, "integer"), "aweights": (aweights, "float")}
    for name, (weights, kind) in kinds.items():
        if weights is None:
            continue
        if category(weights.dtype) != kind:
            raise Refusal(
                f"{name} is of {kind} numbers, not {weights.dtype}",
                code="dtype-mismatch",
                argument=name,
            )
        need_rank(weights, (0, 1), name, "(m,)")
        need_equal(
            weights.numel(),
            observations,
            "each observation has a weight",
            argument=name,
            other="input",
        )
        need_at_least(weights.numel(), 1, "the weights have a sum", argument=name)
        weighted = promote(weighted, weights.dtype)
    if to_float(weighted) != result.dtype:
        what = "weights of another element type need several observations"
        need_at_least(observations, 2, what, argument="aweights", other="input")
    return result.with_dtype(to_float(weighted))


@function("torch", method=True)
def corrcoef(input: Tensor) -> TensorType:
    """(n, m) -> (n, n), the m columns being observations; (m,) or () -> (), and so (1, m)"""
    return _covariance(input)


def _covariance(input: TensorType) -> TensorType:
    need_rank(input, (0, 1, 2), "input", "(n, m), (m,) or ()")
    dtype = number_fraction(input.dtype)
    if input.rank < 2 or input.shape[0] == 1:
        return TensorType((), dtype)
    variables = input.shape[0]
    if not variables.is_constant:
        what = "the covariance of a single variable is a single number"
        need_at_least(variables, 2, what, code="shape-depends-on-size", argument="input")
    return TensorType((variables, variables), dtype)
