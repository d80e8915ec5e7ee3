"""Losses of a quantity: how far the input is from the target; and what the other losses share.

A target of another shape than the input is refused also where torch only warns and broadcasts.
Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import need_equal
from ..tensor.dtype import DType, category, complex_to_real, promote, to_float
from ..tensor.type import Shape, TensorType, shape_text
from .base import AnyNumber, OptionalTensor, Tensor, function
from .pointwise import Rule, floating, inexact, keep, widened

Reduction = Annotated[str, Choice("none", "mean", "sum")]


def need_same_shape(input: TensorType, target: TensorType, argument: str = "target") -> None:
    """Refuses a target of another shape than the input."""
    what = (
        f"{argument} must have the shape of the input, {shape_text(input.shape)}, seen is"
        f" {shape_text(target.shape)}"
    )
    if input.rank != target.rank:
        raise Refusal(what, code="shape-mismatch", argument=argument, other="input")
    for seen, wanted in zip(target.shape, input.shape, strict=True):
        need_equal(seen, wanted, what, argument=argument, other="input")


def summed(shape: Shape, dtype: DType, reduction: str) -> TensorType:
    """A loss for each element, or one number."""
    return TensorType(shape if reduction == "none" else (), dtype)


def _compared(input: TensorType, target: TensorType, reduction: str) -> TensorType:
    need_same_shape(input, target)
    return summed(input.shape, floating(promote(input.dtype, target.dtype)), reduction)


def _weighted(
    input: TensorType, target: TensorType, weight: TensorType, rule: Rule, reduction: str
) -> TensorType:
    """A loss of the difference, times a weight; a mean is over the weights.

    rule: the dtype of the loss of an element.
    """
    need_same_shape(input, target)
    need_same_shape(input, weight, "weight")
    need_numbers(input, "input")
    need_numbers(target, "target")
    dtype = promote(rule(promote(input.dtype, target.dtype)), weight.dtype)
    of_all = {"none": keep, "sum": widened, "mean": to_float}[reduction]
    return summed(input.shape, of_all(dtype), reduction)


@function("F")
def mse_loss(
    input: Tensor,
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    weight: OptionalTensor = None,
) -> TensorType:
    if weight is not None:
        return _weighted(input, target, weight, keep, reduction)
    return _compared(input, target, reduction)


@function("F")
def l1_loss(
    input: Tensor,
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    weight: OptionalTensor = None,
) -> TensorType:
    if weight is not None:
        return _weighted(input, target, weight, complex_to_real, reduction)
    need_same_shape(input, target)
    need_numbers(input, "input")
    need_numbers(target, "target")
    rule = {"none": keep, "sum": widened, "mean": inexact}[reduction]
    dtype = rule(promote(input.dtype, target.dtype))
    return summed(input.shape, complex_to_real(dtype), reduction)


@function("F")
def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: Reduction = "mean", beta: AnyNumber = 1.0
) -> TensorType:
    if not beta >= 0:
        raise Refusal(f"beta must not be negative, seen is {beta}", argument="beta")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return _compared(input, target, reduction)


@function("F")
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: AnyNumber = 1.0,
    weight: OptionalTensor = None,
) -> TensorType:
    if not delta > 0:
        raise Refusal(f"delta must be above 0, not {delta}", argument="delta")
    need_same_shape(input, target)
    need_real(target, "target")
    dtype = floating(input.dtype)
    if weight is not None:
        need_same_shape(input, weight, "weight")
        dtype = promote(dtype, weight.dtype)
    return summed(input.shape, dtype, reduction)


def need_real(tensor: TensorType, argument: str) -> None:
    """Refuses complex numbers."""
    if category(tensor.dtype) == "complex":
        raise Refusal(f"{argument} must not be complex", code="dtype-mismatch", argument=argument)


def need_numbers(tensor: TensorType, argument: str) -> None:
    """Refuses true and false, which torch does not subtract."""
    if tensor.dtype == "bool":
        raise Refusal(f"{argument} must not be bool", code="dtype-mismatch", argument=argument)
