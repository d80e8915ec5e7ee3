"""Cycles of the learning rate.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from ..kinds import Choice, Flag, Integer, Number, Optional, Positive
from ..refusal import Refusal
from .base import CyclesMomentum, Every, Numbers, OptionalFunction


class CyclicLR(CyclesMomentum):
    """Takes the learning rate from `base_lr` to `max_lr` and back, again and again.

    `scale_fn` is an expression over `x`, the number of the cycle or of the step.
    """

    every: ClassVar[Every] = "step"
    grouped: ClassVar[tuple[str, ...]] = ("base_lr", *CyclesMomentum.grouped)

    base_lr: Numbers
    max_lr: Numbers
    step_size_up: Positive = 2000
    step_size_down: Annotated[int | None, Optional(Integer(0))] = None
    mode: Annotated[str, Choice("triangular", "triangular2", "exp_range")] = "triangular"
    gamma: Number = 1.0
    scale_fn: OptionalFunction = None
    scale_mode: Annotated[str, Choice("cycle", "iterations")] = "cycle"
    cycle_momentum: Flag = True
    base_momentum: Numbers = 0.8
    max_momentum: Numbers = 0.9

    @classmethod
    def called_from(cls, arguments: Mapping[str, object]) -> int:
        # Cycles count from 1, steps from 0.
        return 0 if arguments.get("scale_mode") == "iterations" else 1

    def model_post_init(self, _: Any) -> None:
        if self.mode == "exp_range" and self.scale_fn is None and not -1 <= self.gamma <= 1:
            raise Refusal(
                "gamma must be from -1 to 1: its powers leave the range of floats",
                argument="gamma",
                other="mode",
            )
