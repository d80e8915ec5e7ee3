"""Losses of distributions: how likely the target is by what the input says.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from typing import Annotated

from ..kinds import Choice, Kind
from ..refusal import Refusal
from ..tensor.check import is_one, need_equal, same
from ..tensor.dtype import category, is_floating_point, promote, to_float
from ..tensor.type import TensorType, shape_text
from .base import AnyNumber, Flag, Tensor, function, result_type
from .loss import Reduction, need_numbers, need_real, need_same_shape, summed
from .pointwise import elementwise, floating, keep, need_computable, need_storable

KLReduction = Annotated[str, Choice("none", "mean", "sum", "batchmean")]


class VarianceKind(Kind):
    """A tensor, or one fraction for all: torch takes no whole number."""

    expects = "a tensor, or a fraction of at least 0.0"

    def read(self, value: object) -> TensorType | float:
        if isinstance(value, TensorType) or (isinstance(value, float) and not value < 0):
            return value
        raise self.refused(value)


Variance = Annotated[TensorType | float, VarianceKind()]


@function("F")
def kl_div(
    input: Tensor, target: Tensor, *, reduction: KLReduction = "mean", log_target: Flag = False
) -> TensorType:
    need_same_shape(input, target)
    floating(input.dtype)
    if not is_floating_point(target.dtype):
        raise Refusal(
            f"target holds probabilities, floating-point numbers, not {target.dtype}",
            code="dtype-mismatch",
            argument="target",
        )
    return summed(input.shape, result_type(input, target), reduction)


@function("F")
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: Flag = True,
    full: Flag = False,
    *,
    eps: AnyNumber = 1e-08,
    reduction: Reduction = "mean",
) -> TensorType:
    need_same_shape(input, target)
    if target.dtype == "bool" or not log_input:
        need_numbers(input, "input")
    if full and category(target.dtype) in ("bool", "complex"):
        raise Refusal(
            f"with full = true, target must not be {target.dtype}",
            code="dtype-mismatch",
            argument="target",
            other="full",
        )
    return summed(input.shape, promote(to_float(input.dtype), target.dtype), reduction)


@function("F")
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Variance,
    full: Flag = False,
    eps: AnyNumber = 1e-06,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, *), the same or 1 in one dimension, and so the variances, or (N) or a number."""
    need_numbers(input, "input")
    need_numbers(target, "target")
    error = elementwise(keep, input, target, names=("input", "target"))
    if isinstance(var, TensorType):
        _need_clamped(var, eps)
        spread = var.with_shape((*var.shape, 1)) if _lacks_last(input, var) else var
        _need_variances(input, spread)
    else:
        need_real(input, "input")
        spread = input.with_dtype(to_float(input.dtype))
    need_storable(eps, spread.dtype, "eps")
    # The logarithm of the variances is of floats, also where these are whole numbers.
    spread = spread.with_dtype(to_float(spread.dtype))
    need_computable(eps, spread.dtype, "eps")
    joint = elementwise(to_float, error, spread, names=("input", "var"))
    return summed(joint.shape, joint.dtype, reduction)


def _need_clamped(var: TensorType, eps: float) -> None:
    """Refuses variances that cannot be raised to `eps`: it would not be of their dtype."""
    holds_whole = category(var.dtype) == "integer" and not isinstance(eps, float)
    if not (is_floating_point(var.dtype) or holds_whole):
        raise Refusal(
            f"var holds variances, floating-point numbers, not {var.dtype}",
            code="dtype-mismatch",
            argument="var",
        )


def _lacks_last(input: TensorType, var: TensorType) -> bool:
    """Whether there is one variance for all of the last dimension."""
    outer = input.shape[:-1]
    return input.rank == var.rank + 1 and all(map(same, outer, var.shape))


def _need_variances(input: TensorType, var: TensorType) -> None:
    what = (
        f"var is {shape_text(var.shape)}: it needs the shape of the input,"
        f" {shape_text(input.shape)}, or 1 in one dimension"
    )
    if input.rank != var.rank:
        raise Refusal(what, code="shape-mismatch", argument="var", other="input")
    different = [
        (seen, wanted)
        for seen, wanted in zip(var.shape, input.shape, strict=True)
        if not same(seen, wanted)
    ]
    if len(different) == 1 and is_one(different[0][0]):
        return
    for seen, wanted in different:
        need_equal(seen, wanted, what, argument="var", other="input")
