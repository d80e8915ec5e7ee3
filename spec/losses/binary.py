"""The loss of the probability of a yes.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import ClassVar

from ..ops.base import Function
from ..ops.loss import binary_cross_entropy
from ..tensor.type import TensorType
from .base import Loss, Meaning, OptionalNumbers, Reduction


class BCELoss(Loss):
    """Binary cross-entropy of a probability. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"

    function: ClassVar[Function[TensorType]] = binary_cross_entropy
    meaning: ClassVar[Meaning] = "probability"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)
