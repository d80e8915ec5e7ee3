"""Losses of a yes or no, or of several at once: targets of 0 and 1, or of -1 and 1.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from ..refusal import Refusal
from ..tensor.check import broadcast
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import AnyNumber, OptionalTensor, Tensor, function, result_type
from .loss import Reduction, need_numbers, need_real, need_same_shape, summed
from .pointwise import floating, inexact, need_storable, real, widened


@function("F")
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    need_same_shape(input, target)
    if target.dtype != input.dtype:
        raise Refusal(
            f"input is {input.dtype}, but target is {target.dtype}",
            code="dtype-mismatch",
            argument="target",
            other="input",
        )
    if weight is not None:
        need_real(weight, "weight")
        _need_broadcast(weight, input, "weight")
    return summed(input.shape, floating(input.dtype), reduction)


@function("F")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    reduction: Reduction = "mean",
    pos_weight: OptionalTensor = None,
) -> TensorType:
    need_same_shape(input, target)
    floating(input.dtype)
    inexact(target.dtype)
    for name, tensor in (("weight", weight), ("pos_weight", pos_weight)):
        if tensor is not None:
            _need_broadcast(tensor, input, name)
    if pos_weight is not None:
        need_real(target, "target")
        need_numbers(pos_weight, "pos_weight")
        need_real(pos_weight, "pos_weight")
    if weight is not None and category(target.dtype) != "complex":
        need_real(weight, "weight")
    return summed(input.shape, target.dtype, reduction)


def _need_broadcast(tensor: TensorType, input: TensorType, argument: str) -> None:
    """Refuses a weight that would enlarge the input."""
    joint = broadcast(input.shape, tensor.shape, names=("input", argument))
    need_same_shape(input, input.with_shape(joint), argument)


@function("F")
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    """(*, classes), the same -> (*) or one number"""
    if input.rank == 0:
        raise Refusal("input needs a dimension of classes", code="shape-mismatch", argument="input")
    floating(input.dtype)
    need_same_shape(input, target)
    need_numbers(target, "target")
    joint = TensorType(input.shape, result_type(input, target))
    if weight is not None:
        shape = broadcast(joint.shape, weight.shape, names=("input", "weight"))
        joint = TensorType(shape, result_type(joint, weight))
    classes = input.rank - 1
    shape = (*joint.shape[:classes], *joint.shape[classes + 1 :])
    return summed(shape, joint.dtype, reduction)


@function("F")
def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: Reduction = "mean") -> TensorType:
    need_same_shape(input, target)
    if category(input.dtype) != "complex":
        need_real(target, "target")
        floating(input.dtype)
    return summed(input.shape, input.dtype, reduction)


@function("F")
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: AnyNumber = 1.0, *, reduction: Reduction = "mean"
) -> TensorType:
    need_same_shape(input, target)
    rule = {"none": real, "sum": real, "mean": floating}[reduction]
    dtype = rule(input.dtype)
    need_storable(margin, dtype, "margin")
    return summed(input.shape, widened(dtype) if reduction == "sum" else dtype, reduction)
