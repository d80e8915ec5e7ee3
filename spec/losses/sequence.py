"""The loss of a sequence that is not aligned with its target.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, get_args

from ..kinds import Flag, Kind, Whole
from ..ops.base import Function
from ..ops.loss_sequence import Lengths, ctc_loss
from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import ANYTHING, Loss, Reduction, Targets

_LENGTHS: Final[Kind] = get_args(Lengths)[1]


class CTCLoss(Loss):
    """Connectionist temporal classification of log-probabilities.

    Shape: (T, N, C), (N, S) or the targets in a row, (N,), (N,) -> (); N may be missing.
    """

    blank: Whole = 0
    reduction: Reduction = "mean"
    zero_infinity: Flag = False

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "log_probs",
        "targets",
        "input_lengths",
        "target_lengths",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = {
        "input_lengths": _LENGTHS,
        "target_lengths": _LENGTHS,
    }
    example: ClassVar[str] = (
        '{ type = "CTCLoss", inputs = ["log_softmax(sequence, dim=2)", "labels",'
        ' "input_lengths", "target_lengths"] }'
    )
    function: ClassVar[Function[TensorType]] = ctc_loss
    target: ClassVar[str | None] = "targets"

    def targets(self, output: TensorType) -> Targets:
        # torch reads and writes beyond its memory at other numbers.
        classes = output.shape[-1].constant if output.shape else None
        if classes is None:
            return ANYTHING
        return Targets(
            f"the number of one of {classes} classes, 0 to {classes - 1}",
            only=range(classes),
            help=f"targets that are too short are filled up with {self.blank}, the blank",
        )

    def target_type(self, output: TensorType) -> TensorType:
        raise Refusal(
            "CTCLoss does not tell how long the targets are: only rows in lists do, and what"
            " randint draws",
            code="varying-size",
            argument="targets",
        )

    def output(
        self, log_probs: TensorType, targets: TensorType, input_lengths: Any, target_lengths: Any
    ) -> TensorType:
        # Lists of numbers become sizes, which the function reckons with.
        lengths = map(_LENGTHS.read, (input_lengths, target_lengths))
        return super().output(log_probs, targets, *lengths)
