"""The loss of the probability of a yes.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import ClassVar

from ..literals import OptionalNumbers
from ..ops.base import Function
from ..ops.loss_binary import binary_cross_entropy
from ..tensor.type import TensorType
from .base import YES_OR_NO, Loss, Meaning, Reduction, Targets


class BCELoss(Loss):
    """Binary cross-entropy of a probability. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"

    example: ClassVar[str] = '{ type = "BCELoss", inputs = ["probability", "yes"] }'
    function: ClassVar[Function[TensorType]] = binary_cross_entropy

    @property
    def meaning(self) -> Meaning:
        return "probability"

    def targets(self, output: TensorType) -> Targets:
        return YES_OR_NO
