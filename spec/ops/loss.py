"""Losses.

A target of another shape than the input is refused also where torch only warns and broadcasts.
Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from typing import Annotated

from ..kinds import Choice, Real
from ..refusal import Refusal
from ..tensor.check import broadcast, need_equal
from ..tensor.dtype import DType, category, complex_to_real, promote, to_float
from ..tensor.type import Shape, TensorType, shape_text
from .base import AnyNumber, Flag, Int, OptionalTensor, Tensor, function, result_type
from .pointwise import floating, inexact, keep, widened

Reduction = Annotated[str, Choice("none", "mean", "sum")]
KLReduction = Annotated[str, Choice("none", "mean", "sum", "batchmean")]
Smoothing = Annotated[float, Real(0.0, 1.0)]


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


def _compared(
    input: TensorType, target: TensorType, weight: TensorType | None, reduction: str
) -> TensorType:
    need_same_shape(input, target)
    dtype = floating(promote(input.dtype, target.dtype))
    if weight is not None:
        need_same_shape(input, weight, "weight")
        dtype = promote(dtype, weight.dtype)
    return summed(input.shape, dtype, reduction)


@function("F")
def mse_loss(
    input: Tensor,
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    weight: OptionalTensor = None,
) -> TensorType:
    return _compared(input, target, weight, reduction)


@function("F")
def l1_loss(
    input: Tensor,
    target: Tensor,
    *,
    reduction: Reduction = "mean",
    weight: OptionalTensor = None,
) -> TensorType:
    need_same_shape(input, target)
    _need_no_bool(input, target)
    dtype = promote(input.dtype, target.dtype)
    if weight is not None:
        need_same_shape(input, weight, "weight")
        dtype = promote(dtype, weight.dtype)
    rule = {"none": keep, "sum": widened, "mean": inexact}[reduction]
    return summed(input.shape, complex_to_real(rule(dtype)), reduction)


def _need_no_bool(input: TensorType, target: TensorType) -> None:
    for name, tensor in (("input", input), ("target", target)):
        if tensor.dtype == "bool":
            raise Refusal(f"{name} must not be bool", code="dtype-mismatch", argument=name)


@function("F")
def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: Reduction = "mean", beta: AnyNumber = 1.0
) -> TensorType:
    if beta < 0:
        raise Refusal(f"beta must not be negative, seen is {beta}", argument="beta")
    return _compared(input, target, None, reduction)


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
    dtype = _kept(input, target)
    if weight is not None:
        need_same_shape(input, weight, "weight")
        dtype = promote(dtype, weight.dtype)
    return summed(input.shape, dtype, reduction)


def _kept(input: TensorType, target: TensorType) -> DType:
    """The input's dtype, floating-point, where the target may be of any real dtype."""
    need_same_shape(input, target)
    if category(target.dtype) == "complex":
        raise Refusal("target must not be complex", code="dtype-mismatch", argument="target")
    return floating(input.dtype)


@function("F")
def kl_div(
    input: Tensor, target: Tensor, *, reduction: KLReduction = "mean", log_target: Flag = False
) -> TensorType:
    need_same_shape(input, target)
    floating(input.dtype)
    floating(target.dtype)
    return summed(input.shape, result_type(input, target), reduction)


@function("F")
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    need_same_shape(input, target)
    for name, tensor in (("target", target), ("weight", weight)):
        if tensor is not None and tensor.dtype != input.dtype:
            raise Refusal(
                f"input is {input.dtype}, but {name} is {tensor.dtype}",
                code="dtype-mismatch",
                argument=name,
                other="input",
            )
    if weight is not None:
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
    dtype = inexact(target.dtype)
    for name, tensor in (("weight", weight), ("pos_weight", pos_weight)):
        if tensor is not None:
            _need_broadcast(tensor, input, name)
            dtype = promote(dtype, tensor.dtype)
    return summed(input.shape, dtype, reduction)


def _need_broadcast(tensor: TensorType, input: TensorType, argument: str) -> None:
    """Refuses a weight that would enlarge the input."""
    joint = broadcast(input.shape, tensor.shape, names=("input", argument))
    need_same_shape(input, input.with_shape(joint), argument)


@function("F")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    ignore_index: Int = -100,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, classes, *), (N, *) -> (N, *) or one number; N may be missing."""
    shape = _need_classes(input, target, weight)
    return summed(shape, input.dtype, reduction)


@function("F")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: OptionalTensor = None,
    *,
    ignore_index: Int = -100,
    reduction: Reduction = "mean",
    label_smoothing: Smoothing = 0.0,
) -> TensorType:
    """(N, classes, *), and (N, *) class indices or probabilities of the input's shape; N may be
    missing."""
    if category(target.dtype) == "float":
        need_same_shape(input, target)
        if input.rank == 0:
            raise Refusal("input needs a dimension of classes", argument="input")
        floating(input.dtype)
        _need_class_weight(input, weight)
        place = 1 if input.rank > 1 else 0
        shape = (*input.shape[:place], *input.shape[place + 1 :])
        return summed(shape, promote(input.dtype, target.dtype), reduction)
    return summed(_need_classes(input, target, weight), input.dtype, reduction)


def _need_classes(input: TensorType, target: TensorType, weight: TensorType | None) -> Shape:
    """The shape of the losses of class indices."""
    if input.rank == 0:
        raise Refusal("input needs a dimension of classes", code="shape-mismatch", argument="input")
    floating(input.dtype)
    if target.dtype != "int64":
        raise Refusal(
            f"class indices are int64, not {target.dtype}",
            code="dtype-mismatch",
            argument="target",
            help='target.to("int64")',
        )
    _need_class_weight(input, weight)
    place = 1 if input.rank > 1 else 0
    wanted = input.with_shape((*input.shape[:place], *input.shape[place + 1 :]))
    need_same_shape(wanted, target)
    return wanted.shape


def _need_class_weight(input: TensorType, weight: TensorType | None) -> None:
    if weight is None:
        return
    if weight.rank != 1 or weight.dtype != input.dtype:
        raise Refusal(
            f"weight has one {input.dtype} number a class, seen is {weight}",
            code="shape-mismatch",
            argument="weight",
        )
    classes = input.shape[1 if input.rank > 1 else 0]
    what = "weight has one number a class"
    need_equal(weight.shape[0], classes, what, argument="weight", other="input")


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
    if input.dtype == target.dtype == "bool":
        raise Refusal("input and target are bool", code="dtype-mismatch", argument="input")
    return summed(input.shape, promote(to_float(input.dtype), target.dtype), reduction)


@function("F")
def soft_margin_loss(input: Tensor, target: Tensor, *, reduction: Reduction = "mean") -> TensorType:
    need_same_shape(input, target)
    if category(input.dtype) != "complex":
        _kept(input, target)
    return summed(input.shape, input.dtype, reduction)


@function("F")
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: AnyNumber = 1.0, *, reduction: Reduction = "mean"
) -> TensorType:
    need_same_shape(input, target)
    return summed(input.shape, floating(input.dtype), reduction)
