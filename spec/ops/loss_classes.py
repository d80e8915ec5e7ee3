"""Losses of one class among several, by the number of the right one or by probabilities.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from typing import Annotated

from ..kinds import Integer, Nothing, Real
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank, same
from ..tensor.dim import Dim
from ..tensor.dtype import category, promote
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import AnyNumber, Int, OptionalInt, OptionalTensor, Tensor, function
from .loss import Reduction, need_same_shape, summed
from .matrix import linear
from .pointwise import floating

Smoothing = Annotated[float, Real(0.0, 1.0)]
Power = Annotated[int, Integer(1, 2)]


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
    if category(target.dtype) != "float":
        return summed(_need_classes(input, target, weight), input.dtype, reduction)
    need_same_shape(input, target)
    if input.rank == 0:
        raise Refusal("input needs a dimension of classes", code="shape-mismatch", argument="input")
    if ignore_index >= 0:
        raise Refusal(
            f"ignore_index = {ignore_index} is for class indices, this target holds probabilities",
            argument="ignore_index",
            other="target",
        )
    dtype = promote(floating(input.dtype), target.dtype)
    if weight is not None:
        _need_class_weight(input, weight)
        dtype = promote(dtype, weight.dtype)
    return summed(_without_classes(input), dtype, reduction)


@function("F")
def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: OptionalTensor = None,
    weight: OptionalTensor = None,
    reduction: Reduction = "mean",
    ignore_index: OptionalInt = None,
    label_smoothing: Smoothing = 0.0,
    options: Annotated[None, Nothing()] = None,
) -> TensorType:
    """(N, in_features), (classes, *, in_features), and (N, *) class indices or (N, classes, *)
    probabilities -> (N, *) or one number; N may be missing without *."""
    logits = _logits(input, linear_weight, linear_bias)
    if ignore_index is not None and category(target.dtype) == "float":
        raise Refusal(
            "ignore_index is for class indices, this target holds probabilities",
            argument="ignore_index",
            other="target",
        )
    return cross_entropy(
        logits, target, weight, reduction=reduction, label_smoothing=label_smoothing
    )


def _logits(
    input: TensorType, linear_weight: TensorType, linear_bias: TensorType | None
) -> TensorType:
    """(N, classes, *), of a linear layer whose weight has the dimensions * besides."""
    need_rank(input, (1, 2), "input", "(batch, in_features)")
    if linear_weight.rank < 2:
        raise Refusal(
            "linear_weight is (classes, …, in_features), seen is"
            f" {shape_text(linear_weight.shape)}",
            code="shape-mismatch",
            argument="linear_weight",
        )
    inner = linear_weight.shape[:-1]
    if len(inner) > 1 and input.rank == 1:
        raise Refusal(
            f"a loss of several dimensions, {shape_text(inner[1:])}, takes a batch of inputs",
            code="shape-mismatch",
            argument="input",
            other="linear_weight",
        )
    bias = linear_bias
    if bias is not None:
        need_same_shape(linear_weight.with_shape(inner), bias, "linear_bias")
        bias = bias.with_shape((product(inner),))
    flat = linear_weight.with_shape((product(inner), linear_weight.shape[-1]))
    return linear(input, flat, bias).with_shape((*input.shape[:-1], *inner))


def _need_classes(input: TensorType, target: TensorType, weight: TensorType | None) -> Shape:
    """The shape of the losses of class indices."""
    if input.rank == 0:
        raise Refusal("input needs a dimension of classes", code="shape-mismatch", argument="input")
    floating(input.dtype)
    _need_indices(target)
    classes = input.shape[1 if input.rank > 1 else 0]
    need_at_least(classes, 1, "there must be a class", argument="input")
    if weight is not None:
        _need_class_weight(input, weight)
        if weight.dtype != input.dtype:
            raise _weight_refused(input, weight)
    wanted = input.with_shape(_without_classes(input))
    need_same_shape(wanted, target)
    return wanted.shape


def _without_classes(input: TensorType) -> Shape:
    place = 1 if input.rank > 1 else 0
    return (*input.shape[:place], *input.shape[place + 1 :])


def _need_indices(target: TensorType) -> None:
    if target.dtype != "int64":
        raise Refusal(
            f"class indices are int64, not {target.dtype}",
            code="dtype-mismatch",
            argument="target",
            help='target.to("int64")',
        )


def _need_class_weight(input: TensorType, weight: TensorType) -> None:
    if weight.rank != 1:
        raise _weight_refused(input, weight)
    classes = input.shape[1 if input.rank > 1 else 0]
    what = "weight has one number a class"
    need_equal(weight.shape[0], classes, what, argument="weight", other="input")


def _weight_refused(input: TensorType, weight: TensorType) -> Refusal:
    return Refusal(
        f"weight has one {input.dtype} number a class, seen is {weight}",
        code="shape-mismatch",
        argument="weight",
    )


@function("F")
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: Power = 1,
    margin: AnyNumber = 1.0,
    weight: OptionalTensor = None,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, classes), (N,) -> (N,) or one number; N may be missing."""
    rows, classes = _rows_and_classes(input)
    _need_indices(target)
    if target.rank > 1 or not same(target.numel(), rows):
        raise Refusal(
            f"target has one class a row, ({rows},), seen is {shape_text(target.shape)}",
            code="shape-mismatch",
            argument="target",
            other="input",
        )
    if weight is not None:
        if weight.dtype != input.dtype or weight.rank != 1:
            raise _weight_refused(input, weight)
        what = "weight has one number a class"
        need_equal(weight.shape[0], classes, what, argument="weight", other="input")
    return summed((rows,) if target.rank else (), input.dtype, reduction)


@function("F")
def multilabel_margin_loss(
    input: Tensor, target: Tensor, *, reduction: Reduction = "mean"
) -> TensorType:
    """(N, classes), the numbers of the right classes in front, then -1: the same shape -> (N,) or
    one number; N may be missing."""
    rows, classes = _rows_and_classes(input)
    _need_indices(target)
    if input.rank == 2:
        need_same_shape(input, target)
        return summed((rows,), input.dtype, reduction)
    if target.rank > 1 or not same(target.numel(), classes):
        raise Refusal(
            f"target has a place for each class, ({classes},), seen is {shape_text(target.shape)}",
            code="shape-mismatch",
            argument="target",
            other="input",
        )
    return input.with_shape(())


def _rows_and_classes(input: TensorType) -> tuple[Dim, Dim]:
    """The sizes of an input of margins, which may be one row, or one number."""
    need_rank(input, (0, 1, 2), "input", "(batch, classes)")
    if input.dtype not in ("float32", "float64"):
        raise Refusal(
            f"torch takes float32 or float64 here, not {input.dtype}",
            code="dtype-mismatch",
            argument="input",
        )
    rows = input.shape[0] if input.rank == 2 else Dim.of(1)
    classes = input.shape[-1] if input.rank else Dim.of(1)
    need_at_least(classes, 1, "there must be a class", argument="input")
    return rows, classes
