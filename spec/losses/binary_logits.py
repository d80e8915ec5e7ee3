"""The loss of the logit of a yes.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import ClassVar

from ..ops.base import Function
from ..ops.loss import binary_cross_entropy_with_logits
from ..tensor.type import TensorType
from .base import Loss, Meaning, OptionalNumbers, Reduction


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of a logit, steadier than of its sigmoid. Shape: (*), (*) -> ()."""

    weight: OptionalNumbers = None
    reduction: Reduction = "mean"
    pos_weight: OptionalNumbers = None

    function: ClassVar[Function[TensorType]] = binary_cross_entropy_with_logits
    meaning: ClassVar[Meaning] = "logit"
    tensors: ClassVar[tuple[str, ...]] = ("weight", "pos_weight")
