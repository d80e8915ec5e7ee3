"""Losses of the logit of a yes, of one or of several labels.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import ClassVar

from ..literals import OptionalNumbers
from ..ops.base import Function
from ..ops.loss_binary import binary_cross_entropy_with_logits, multilabel_soft_margin_loss
from ..tensor.type import TensorType
from .base import YES_OR_NO, Loss, Meaning, Reduction, Targets


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of a logit, steadier than of its sigmoid. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"
    pos_weight: OptionalNumbers = None

    example: ClassVar[str] = '{ type = "BCEWithLogitsLoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = binary_cross_entropy_with_logits

    @property
    def meaning(self) -> Meaning:
        return "logit"

    def targets(self, output: TensorType) -> Targets:
        return YES_OR_NO


class MultiLabelSoftMarginLoss(Loss):
    """Binary cross-entropy of a logit for each label, their mean. Shape: (*, C), (*, C) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "MultiLabelSoftMarginLoss", inputs = ["output", "target"] }'
    function: ClassVar[Function[TensorType]] = multilabel_soft_margin_loss

    @property
    def meaning(self) -> Meaning:
        return "logit"

    def targets(self, output: TensorType) -> Targets:
        return YES_OR_NO
