"""Losses with targets of 1 and -1.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import ClassVar

from ..kinds import AnyNumber
from ..ops.base import Function
from ..ops.loss_binary import hinge_embedding_loss, soft_margin_loss
from ..tensor.type import TensorType
from .base import SIGNS, Loss, Meaning, Reduction, Targets


class SoftMarginLoss(Loss):
    """Logistic loss of a score, positive for 1 and negative for -1. Shape: (*), (*) -> ()."""

    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "SoftMarginLoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = soft_margin_loss

    @property
    def meaning(self) -> Meaning:
        return "score"

    def targets(self, output: TensorType) -> Targets:
        return SIGNS


class HingeEmbeddingLoss(Loss):
    """Of a distance: small where the target is 1, at least `margin` where it is -1.

    Shape: (*), (*) -> ().
    """

    margin: AnyNumber = 1.0
    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "HingeEmbeddingLoss", inputs = ["distance", "signs"] }'
    function: ClassVar[Function[TensorType]] = hinge_embedding_loss

    @property
    def meaning(self) -> Meaning:
        return "distance"

    def targets(self, output: TensorType) -> Targets:
        return SIGNS
