"""A single cycle of the learning rate.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from typing import TYPE_CHECKING, Annotated, ClassVar

from ..arguments import Float
from ..kinds import Choice, Either, Flag, Integer, Optional, Real, Repeated, each
from ..refusal import Refusal
from .base import Every, Scheduler

if TYPE_CHECKING:
    from ..optimizers.base import Optimizer

Numbers = Annotated[float | tuple[float, ...], Repeated(Real())]
OptionalSteps = Annotated[int | None, Optional(Integer(1))]
NonZero = Annotated[float, Either(Real(above=0.0), Real(below=0.0))]


class OneCycleLR(Scheduler):
    """One rise of the learning rate to `max_lr` and a long descent, over `total_steps`."""

    every: ClassVar[Every] = "step"
    length: ClassVar[str | None] = "total_steps"
    positional: ClassVar[int] = 0

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

    def check(self, optimizer: "Optimizer", groups: int) -> None:
        if self.cycle_momentum and optimizer.momentum_argument() is None:
            raise Refusal(
                f"cycle_momentum needs an optimizer with momentum or betas,"
                f" {type(optimizer).__name__} has neither",
                argument="cycle_momentum",
                help="cycle_momentum = false",
            )
        for name in ("max_lr", "base_momentum", "max_momentum"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != groups:
                raise Refusal(
                    f"{name} must be one number, or one for each of {groups} parameter groups",
                    argument=name,
                )
            varies_beta = self.cycle_momentum and optimizer.momentum_argument() == "betas"
            if name != "max_lr" and varies_beta and 1.0 in each(value, 1):
                raise Refusal(f"{name} must not be 1 where it becomes a beta", argument=name)
