"""Losses of one class among several, or of several at once.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import (
    AnyNumber,
    Flag,
    Integer,
    Nothing,
    OptionalParameterDType,
    OptionalWhole,
    Probability,
    Repeated,
    Size,
    Whole,
)
from ..layers.base import Inferred, StateEntry
from ..literals import OptionalNumbers
from ..ops.base import Function
from ..ops.loss_classes import (
    cross_entropy,
    linear_cross_entropy,
    multi_margin_loss,
    multilabel_margin_loss,
    nll_loss,
)
from ..refusal import Refusal
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType, product, shape_text
from .base import ANYTHING, Loss, Meaning, Reduction, Targets


def _class_numbers(output: TensorType, first: int = 0, also: tuple[int, ...] = ()) -> Targets:
    """The numbers of the classes that an output (batch, classes, …) tells apart."""
    classes = output.shape[1].constant if output.rank > 1 else None
    if classes is None:
        return ANYTHING
    what = f"the number of one of {classes} classes, {first} to {classes - 1}"
    return Targets(what, only=range(first, classes), also=also)


def _ignored(loss: Loss) -> tuple[int, ...]:
    """The number that a loss is told to leave out."""
    given = loss.given()
    return (int(given["ignore_index"]),) if "ignore_index" in given else ()


def _row_numbers(loss: Loss, output: TensorType) -> TensorType:
    """The target of a class for each row of an output, and for each place in it."""
    # torch takes the logits of one row alone too, but training has a batch of them.
    if output.rank < 2:
        raise Refusal(
            f"{type(loss).__name__} takes an output (batch, classes, …), this is"
            f" {shape_text(output.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    return TensorType((output.shape[0], *output.shape[2:]), "int64")


class CrossEntropyLoss(Loss):
    """Cross-entropy of class logits with the index of the right class.

    Shape: (N, C, *), (N, *) int64 -> (); N may be missing. A target of the output's shape holds
    the probability of each class.
    """

    weight: OptionalNumbers = None
    ignore_index: Whole = -100
    reduction: Reduction = "mean"
    label_smoothing: Probability = 0.0

    example: ClassVar[str] = '{ type = "CrossEntropyLoss", inputs = ["output", "classes"] }'
    function: ClassVar[Function[TensorType]] = cross_entropy
    weighs_targets: ClassVar[bool] = True

    @property
    def meaning(self) -> Meaning:
        return "class logits"

    def targets(self, output: TensorType) -> Targets:
        return _class_numbers(output, also=_ignored(self))

    def target_type(self, output: TensorType) -> TensorType:
        return _row_numbers(self, output)


class NLLLoss(Loss):
    """Negative log-likelihood of the right class, of the log-probabilities of all.

    Shape: (N, C, *), (N, *) int64 -> (); N may be missing.
    """

    weight: OptionalNumbers = None
    ignore_index: Whole = -100
    reduction: Reduction = "mean"

    example: ClassVar[str] = (
        '{ type = "NLLLoss", inputs = ["log_softmax(output, dim=1)", "classes"] }'
    )
    function: ClassVar[Function[TensorType]] = nll_loss
    weighs_targets: ClassVar[bool] = True

    @property
    def meaning(self) -> Meaning:
        return "class log-probabilities"

    def targets(self, output: TensorType) -> Targets:
        return _class_numbers(output, also=_ignored(self))

    def target_type(self, output: TensorType) -> TensorType:
        return _row_numbers(self, output)


class MultiMarginLoss(Loss):
    """Hinge loss: the score of the right class above all others by `margin`.

    Shape: (N, C), (N,) int64 -> (); N may be missing.
    """

    p: Annotated[int, Integer(1, 2)] = 1
    margin: AnyNumber = 1.0
    weight: OptionalNumbers = None
    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "MultiMarginLoss", inputs = ["output", "classes"] }'
    function: ClassVar[Function[TensorType]] = multi_margin_loss

    @property
    def meaning(self) -> Meaning:
        return "class scores"

    def model_post_init(self, context: object) -> None:
        if self.weight is not None and self.weight.type.rank != 1:
            raise Refusal("weight must be a list of numbers, one a class", argument="weight")

    def targets(self, output: TensorType) -> Targets:
        return _class_numbers(output)

    def target_type(self, output: TensorType) -> TensorType:
        return _row_numbers(self, output)


class MultiLabelMarginLoss(Loss):
    """Hinge loss: the scores of the right classes above all others by 1.

    A row of the target holds the numbers of the right classes, then -1.
    Shape: (N, C), (N, C) int64 -> (); N may be missing.
    """

    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "MultiLabelMarginLoss", inputs = ["output", "labels"] }'
    function: ClassVar[Function[TensorType]] = multilabel_margin_loss

    @property
    def meaning(self) -> Meaning:
        return "label scores"

    def targets(self, output: TensorType) -> Targets:
        return _class_numbers(output, first=-1)

    def target_type(self, output: TensorType) -> TensorType:
        return output.with_dtype("int64")


class LinearCrossEntropyLoss(Loss):
    """A linear layer without a bias, then the cross-entropy of its logits.

    Shape: (N, in_features), (N, *out_features) int64 -> (); N may be missing without
    out_features. A float target (N, num_classes, *out_features) holds probabilities.
    """

    in_features: Annotated[Size, Inferred(-1)]
    num_classes: Size
    out_features: Annotated[tuple[int, ...], Repeated(Integer(0), single=False)] = ()
    bias: Flag = False
    dtype: OptionalParameterDType = None
    reduction: Reduction = "mean"
    weight: OptionalNumbers = None
    ignore_index: OptionalWhole = None
    label_smoothing: Probability = 0.0
    options: Annotated[None, Nothing()] = None

    positional: ClassVar[int] = 2
    example: ClassVar[str] = (
        '{ type = "LinearCrossEntropyLoss", num_classes = 10, inputs = ["output", "classes"] }'
    )
    function: ClassVar[Function[TensorType]] = linear_cross_entropy
    weighs_targets: ClassVar[bool] = True

    @property
    def meaning(self) -> Meaning:
        return "class features"

    def targets(self, output: TensorType) -> Targets:
        return _class_numbers(TensorType.of((1, self.num_classes)), also=_ignored(self))

    def target_type(self, output: TensorType) -> TensorType:
        if output.rank != 2:
            raise Refusal(
                "LinearCrossEntropyLoss takes an output (batch, in_features), this is"
                f" {shape_text(output.shape)}",
                code="shape-mismatch",
                argument="input",
            )
        return TensorType.of((output.shape[0], *self.out_features), "int64")

    def model_post_init(self, context: object) -> None:
        if self.weight is not None and self.weight.type != TensorType.of((self.num_classes,)):
            raise Refusal(
                f"weight must be a list of num_classes = {self.num_classes} numbers, its shape is"
                f" {shape_text(self.weight.type.shape)}",
                argument="weight",
                other="num_classes",
            )

    @property
    def _inner(self) -> tuple[int, ...]:
        return (self.num_classes, *self.out_features)

    def output(self, input: TensorType, target: TensorType) -> TensorType:
        state = {name: entry.type for name, entry in self.state().items()}
        linear_weight = TensorType.of((*self._inner, self.in_features), self.dtype or DEFAULT)
        bias = linear_weight.with_shape(linear_weight.shape[:-1]) if self.bias else None
        return linear_cross_entropy(
            input,
            linear_weight,
            target,
            linear_bias=bias,
            weight=state.get("weight"),
            reduction=self.reduction,
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )

    def state(self) -> Mapping[str, StateEntry]:
        dtype = self.dtype or DEFAULT
        flat = product(TensorType.of(self._inner).shape)
        found = dict(super().state())
        weight = TensorType.of((flat, self.in_features), dtype)
        found["linear.weight"] = StateEntry(weight, owner="Linear")
        if self.bias:
            found["linear.bias"] = StateEntry(TensorType.of((flat,), dtype), owner="Linear")
        return found
