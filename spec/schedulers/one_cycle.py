"""A single cycle of the learning rate.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
"""

from typing import Annotated, Any, ClassVar

from ..arguments import Float
from ..kinds import Choice, Either, Flag, Integer, Optional, Real
from ..refusal import Refusal
from .base import CyclesMomentum, Every, Numbers

OptionalSteps = Annotated[int | None, Optional(Integer(1))]
NonZero = Annotated[float, Either(Real(above=0.0), Real(below=0.0))]


class OneCycleLR(CyclesMomentum):
    """One rise of the learning rate to `max_lr` and a long descent, over `total_steps`."""

    every: ClassVar[Every] = "step"
    length: ClassVar[str | None] = "total_steps"

    max_lr: Numbers
    total_steps: OptionalSteps = None
    epochs: OptionalSteps = None
    steps_per_epoch: OptionalSteps = None
    pct_start: Annotated[float, Float(0.0, 1.0)] = 0.3
    anneal_strategy: Annotated[str, Choice("cos", "linear")] = "cos"
    cycle_momentum: Flag = True
    base_momentum: Numbers = 0.85
    max_momentum: Numbers = 0.95
    div_factor: NonZero = 25.0
    final_div_factor: NonZero = 1e4
    three_phase: Flag = False

    def model_post_init(self, _: Any) -> None:
        if self.pct_start == 1 and not self.three_phase:
            raise Refusal("pct_start must leave steps for the descent", argument="pct_start")
        alone = [name for name in ("epochs", "steps_per_epoch") if getattr(self, name) is not None]
        if self.total_steps is None and len(alone) == 1:
            raise Refusal(
                "epochs and steps_per_epoch say together how many steps the cycle has",
                argument=alone[0],
                help="left out, total_steps is as many as training has",
            )

    def span(self) -> int | None:
        """How many steps the cycle has, where the arguments say it."""
        if self.total_steps is not None:
            return int(self.total_steps)
        if self.epochs is not None and self.steps_per_epoch is not None:
            return int(self.epochs) * int(self.steps_per_epoch)
        return None

    def spans_training(self) -> bool:
        return self.span() is None

    def check_steps(self, steps: int) -> None:
        span = self.span() or steps
        if steps > span:
            raise Refusal(
                f"the cycle has {span} steps, training {steps}: torch refuses the step after it",
                argument="total_steps" if self.total_steps is not None else "steps_per_epoch",
                other="epochs",
                help="left out, total_steps is as many as training has",
            )
        start, reached = 0.0, -1.0
        ends = self._ends(span)
        for place, end in enumerate(ends):
            last = steps if place == len(ends) - 1 else min(end, steps)
            if end == start and last // 1 > reached:
                raise Refusal(
                    f"pct_start of {self.pct_start:g} gives a phase of no length in a cycle of"
                    f" {span} steps: torch divides by it",
                    argument="pct_start",
                )
            start, reached = end, max(reached, end // 1)

    def _ends(self, span: int) -> tuple[float, ...]:
        """The last step of each phase."""
        rise = self.pct_start * span
        if self.three_phase:
            return (rise - 1, 2 * rise - 2, span - 1)
        return (rise - 1, span - 1)
