"""Losses. Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions

torch's `size_average` and `reduce`, deprecated there in favour of `reduction`, are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from .kinds import Choice, Integer, Optional, Probability, Real, Repeated
from .layers.base import Layer
from .refusal import Refusal
from .tensor.dtype import is_floating_point
from .tensor.type import TensorType, shape_text

Meaning = Literal["value", "probability", "logit", "class logits"]
"""What a loss takes the model's output for."""

Reduction = Annotated[str, Choice("none", "mean", "sum")]
OptionalNumbers = Annotated[
    tuple[float, ...] | None, Optional(Repeated(Real(finite=False), single=False))
]
Positive = Annotated[float, Real(above=0.0, finite=False)]


class Loss(Layer):
    """Compares an output with its target; a module of torch.

    meaning: what it takes the output for.
    tensors: the arguments that torch takes as tensors, and a spec as lists.
    """

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "target")
    meaning: ClassVar[Meaning] = "value"
    tensors: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:  # every loss has it, each at its own place among the arguments
        reduction: Reduction

    def target_type(self, output: TensorType) -> TensorType:
        """The one type of target that fits an output without a broadcast or a conversion.

        Raises `Refusal` (of `input`) for an output that the loss does not take.
        """
        if not is_floating_point(output.dtype):
            raise Refusal(
                f"{type(self).__name__} takes a floating-point output, this is {output}",
                code="dtype-mismatch",
                argument="input",
            )
        return output

    def output(self, input: TensorType, target: TensorType) -> TensorType:
        expected = self.target_type(input)
        if target != expected:
            raise Refusal(
                f"{type(self).__name__} compares {input} with a target {expected}, not {target}",
                code="shape-mismatch" if target.shape != expected.shape else "dtype-mismatch",
                argument="target",
                other="input",
            )
        if self.reduction == "none":
            return input.with_shape(target.shape)
        return TensorType.of((), input.dtype)


class BCELoss(Loss):
    """Binary cross-entropy of a probability. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"

    meaning: ClassVar[Meaning] = "probability"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of a logit, steadier than of its sigmoid. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"
    pos_weight: OptionalNumbers = None

    meaning: ClassVar[Meaning] = "logit"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "pos_weight")


class CrossEntropyLoss(Loss):
    """Cross-entropy of class logits with the index of the right class.

    Shape: (N, C, *), (N, *) int64 -> ().
    """

    weight: OptionalNumbers = None
    ignore_index: Annotated[int, Integer()] = -100
    reduction: Reduction = "mean"
    label_smoothing: Probability = 0.0

    meaning: ClassVar[Meaning] = "class logits"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)

    def target_type(self, output: TensorType) -> TensorType:
        super().target_type(output)
        if output.rank < 2:
            raise Refusal(
                "CrossEntropyLoss takes an output (batch, classes, …),"
                f" this is {shape_text(output.shape)}",
                code="shape-mismatch",
                argument="input",
            )
        classes = output.shape[1]
        if self.weight is not None and classes != len(self.weight):
            raise Refusal(
                f"weight must have one number for each of {classes} classes,"
                f" not {len(self.weight)}",
                argument="weight",
                other="input",
            )
        return TensorType((output.shape[0], *output.shape[2:]), "int64")


class MSELoss(Loss):
    """Mean squared error. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"


class L1Loss(Loss):
    """Mean absolute error. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"


class SmoothL1Loss(Loss):
    """Squared near zero, absolute beyond `beta`. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"
    beta: Annotated[float, Real(minimum=0.0, finite=False)] = 1.0


class HuberLoss(Loss):
    """Squared near zero, linear beyond `delta`. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"
    delta: Positive = 1.0
