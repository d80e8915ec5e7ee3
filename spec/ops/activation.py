"""Activation functions.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import dimension, divided, need_at_least, need_equal
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import (
    AnyNumber,
    Flag,
    Int,
    Number,
    OptionalDType,
    OptionalInt,
    Tensor,
    function,
)
from .pointwise import (
    floating,
    fraction,
    inexact,
    need_computable,
    need_storable,
    need_storable_bounds,
    number_fraction,
    real,
    unary,
)

Approximation = Annotated[str, Choice("none", "tanh")]

sigmoid = unary(fraction)
tanh = unary(fraction)
softsign = unary(number_fraction, "F", method=False)
tanhshrink = unary(number_fraction, "F", method=False)
logsigmoid = unary(floating, "F", method=False)


@function("F", method=True)
def relu(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(real(input.dtype))


@function("F")
def relu6(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(real(input.dtype))


@function("F")
def hardtanh(
    input: Tensor, min_val: AnyNumber = -1.0, max_val: AnyNumber = 1.0, inplace: Flag = False
) -> TensorType:
    """input, held between min_val and max_val"""
    rule = real(input.dtype)
    bounds: dict[str, float] = {"min_val": min_val, "max_val": max_val}
    if min_val > max_val:
        raise Refusal(
            f"min_val must be at most max_val, but {min_val} > {max_val}",
            argument="min_val",
            other="max_val",
        )
    if category(rule) == "integer":
        for name, bound in bounds.items():
            need_storable(bound, "int64", name)
            if rule == "uint8" and int(bound) < 0:
                raise Refusal(f"{name} must not be negative for uint8, not {bound}", argument=name)
        # torch cuts off the fractions before it looks whether they fit.
        bounds = {name: int(bound) for name, bound in bounds.items()}
    need_storable_bounds(bounds, rule)
    return input.with_dtype(rule)


@function("F")
def silu(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(inexact(input.dtype))


@function("F")
def mish(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(floating(input.dtype))


@function("F")
def selu(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(floating(input.dtype))


@function("F")
def hardswish(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(floating(input.dtype))


@function("F")
def hardsigmoid(input: Tensor, inplace: Flag = False) -> TensorType:
    return input.with_dtype(floating(input.dtype))


@function("F")
def gelu(input: Tensor, *, approximate: Approximation = "none") -> TensorType:
    return input.with_dtype(floating(input.dtype))


@function("F")
def leaky_relu(
    input: Tensor, negative_slope: AnyNumber = 0.01, inplace: Flag = False
) -> TensorType:
    need_computable(negative_slope, input.dtype, "negative_slope")
    return input.with_dtype(floating(input.dtype))


@function("F")
def elu(input: Tensor, alpha: AnyNumber = 1.0, inplace: Flag = False) -> TensorType:
    need_computable(alpha, input.dtype, "alpha")
    return input.with_dtype(floating(input.dtype))


@function("F")
def celu(input: Tensor, alpha: AnyNumber = 1.0, inplace: Flag = False) -> TensorType:
    if alpha == 0:
        raise Refusal("alpha must not be 0: celu divides by it", argument="alpha")
    for number in (alpha, 1 / alpha):
        need_computable(number, input.dtype, "alpha")
    return input.with_dtype(floating(input.dtype))


@function("F")
def softplus(input: Tensor, beta: AnyNumber = 1.0, threshold: AnyNumber = 20.0) -> TensorType:
    need_computable(beta, input.dtype, "beta")
    need_computable(threshold, input.dtype, "threshold")
    return input.with_dtype(floating(input.dtype))


@function("F", method=True)
def hardshrink(input: Tensor, lambd: AnyNumber = 0.5) -> TensorType:
    need_computable(lambd, input.dtype, "lambd")
    return input.with_dtype(floating(input.dtype))


@function("F")
def softshrink(input: Tensor, lambd: Number = 0.5) -> TensorType:
    if not lambd >= 0:
        raise Refusal(f"lambd must be at least 0, not {lambd}", argument="lambd")
    need_computable(lambd, input.dtype, "lambd")
    return input.with_dtype(floating(input.dtype))


@function("F")
def threshold(
    input: Tensor, threshold: AnyNumber, value: AnyNumber, inplace: Flag = False
) -> TensorType:
    rule = real(input.dtype)
    need_storable(threshold, input.dtype, "threshold")
    need_storable(value, input.dtype, "value")
    return input.with_dtype(rule)


@function("F")
def rrelu(
    input: Tensor,
    lower: Number = 0.125,
    upper: Number = 0.3333333333333333,
    training: Flag = False,
    inplace: Flag = False,
) -> TensorType:
    if not lower <= upper:
        raise Refusal(
            f"lower must be at most upper, but {lower} > {upper}", argument="lower", other="upper"
        )
    if training and input.dtype == "float16":
        raise Refusal(
            "torch draws no float16 slopes on CPU", code="dtype-mismatch", argument="input"
        )
    if training:
        need_computable(lower, input.dtype, "lower")
        need_computable(upper, input.dtype, "upper")
    # Otherwise the slope is what lies between them.
    need_computable((lower + upper) / 2, input.dtype, "upper")
    return input.with_dtype(floating(input.dtype))


@function("F", method=True)
def prelu(input: Tensor, weight: Tensor) -> TensorType:
    """(N, channels, *), (channels,) or (1,) -> (N, channels, *)"""
    if weight.rank > 1:
        raise Refusal("weight is one number or a vector", argument="weight", code="shape-mismatch")
    if input.dtype != weight.dtype:
        raise Refusal(
            f"input is {input.dtype}, but weight is {weight.dtype}: torch doesn't convert here",
            code="dtype-mismatch",
            argument="input",
            other="weight",
        )
    if weight.numel() != Dim.of(1):
        channels = input.shape[1] if input.rank > 1 else Dim.of(1)
        need_equal(
            channels,
            weight.numel(),
            "the channels of input must be num_parameters",
            argument="input",
            other="num_parameters",
        )
    return input.with_dtype(floating(input.dtype))


@function("F")
def glu(input: Tensor, dim: Int = -1) -> TensorType:
    """(*, 2n, *) -> (*, n, *)"""
    if input.rank == 0:
        raise Refusal("glu needs at least one dimension", argument="input", code="shape-mismatch")
    floating(input.dtype)
    place = dimension(dim, input.rank)
    half = divided(
        input.shape[place], Dim.of(2), f"dimension {dim} is cut in halves", argument="input"
    )
    return input.with_shape((*input.shape[:place], half, *input.shape[place + 1 :]))


@function("F", method=True)
def softmax(input: Tensor, dim: OptionalInt = None, *, dtype: OptionalDType = None) -> TensorType:
    return normalized(input, _given(dim), dtype)


@function("F", method=True)
def log_softmax(
    input: Tensor, dim: OptionalInt = None, *, dtype: OptionalDType = None
) -> TensorType:
    return normalized(input, _given(dim), dtype)


@function("F")
def softmin(input: Tensor, dim: OptionalInt = None, *, dtype: OptionalDType = None) -> TensorType:
    return normalized(input, _given(dim), dtype)


def _given(dim: int | None) -> int:
    if dim is None:
        raise Refusal(
            "dim must be given: torch would choose one, and warn",
            code="missing-argument",
            argument="dim",
        )
    return dim


def normalized(input: TensorType, dim: int | None, dtype: OptionalDType = None) -> TensorType:
    """Numbers along `dim` that add up to 1, or their logarithms; torch chooses a missing dim."""
    if dim is not None:
        dimension(dim, input.rank)
    return input.with_dtype(floating(dtype or input.dtype))


@function("F")
def gumbel_softmax(
    logits: Tensor, tau: AnyNumber = 1, hard: Flag = False, eps: AnyNumber = 1e-10, dim: Int = -1
) -> TensorType:
    """Random weights along dim that add up to 1; hard: one of them is 1."""
    try:
        result = normalized(logits, dim)
    except Refusal as refusal:
        raise refusal.renamed(input="logits") from None
    if hard and logits.rank:
        need_at_least(logits.shape[dim], 1, "there is nothing to choose from", argument="logits")
    return result
