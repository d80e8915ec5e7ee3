"""Losses of one class among several.

Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import Annotated, ClassVar

from ..kinds import Integer, Probability
from ..ops.base import Function
from ..ops.loss import cross_entropy
from ..refusal import Refusal
from ..tensor.type import TensorType, shape_text
from .base import Loss, Meaning, OptionalNumbers, Reduction


class CrossEntropyLoss(Loss):
    """Cross-entropy of class logits with the index of the right class.

    Shape: (N, C, *), (N, *) int64 -> ().
    """

    weight: OptionalNumbers = None
    ignore_index: Annotated[int, Integer()] = -100
    reduction: Reduction = "mean"
    label_smoothing: Probability = 0.0

    function: ClassVar[Function[TensorType]] = cross_entropy
    meaning: ClassVar[Meaning] = "class logits"
    tensors: ClassVar[tuple[str, ...]] = ("weight",)

    def target_type(self, output: TensorType) -> TensorType:
        # torch takes the logits of one row alone too, but training has a batch of them.
        if output.rank < 2:
            raise Refusal(
                "CrossEntropyLoss takes an output (batch, classes, …),"
                f" this is {shape_text(output.shape)}",
                code="shape-mismatch",
                argument="input",
            )
        target = TensorType((output.shape[0], *output.shape[2:]), "int64")
        self.output(output, target)
        return target
