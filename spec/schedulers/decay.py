"""Learning rates that fall as training goes on.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from collections import Counter
from typing import Annotated, Any

from ..kinds import AnyNumber, Integer, Number, Positive, Repeated, Whole
from ..refusal import Refusal
from .base import Scheduler, need_iterations


class StepLR(Scheduler):
    """Multiplies the learning rate by `gamma` every `step_size` epochs."""

    step_size: Positive
    gamma: AnyNumber = 0.1


class MultiStepLR(Scheduler):
    """Multiplies the learning rate by `gamma` at each of the `milestones`."""

    milestones: Annotated[tuple[int, ...], Repeated(Integer(), single=False)]
    gamma: AnyNumber = 0.1

    def model_post_init(self, _: Any) -> None:
        most = max(Counter(map(int, self.milestones)).values(), default=1)
        try:
            self.gamma**most
        except OverflowError:
            raise Refusal(
                f"gamma is multiplied {most} times at once, which leaves the range of floats",
                argument="gamma",
                other="milestones",
            ) from None


class ExponentialLR(Scheduler):
    """Multiplies the learning rate by `gamma` every epoch."""

    gamma: AnyNumber


class PolynomialLR(Scheduler):
    """Lets the learning rate fall to 0 over `total_iters` epochs, as a power of what is left."""

    total_iters: Whole = 5
    power: AnyNumber = 1.0

    def model_post_init(self, _: Any) -> None:
        if self.power < 0 and self.total_iters >= 1:
            raise Refusal(
                "power must be at least 0: at the end it is a power of 0", argument="power"
            )

    def check_later(self) -> None:
        need_iterations(self.total_iters)


class CosineAnnealingLR(Scheduler):
    """Lets the learning rate fall to `eta_min` along half a cosine of length `T_max`."""

    T_max: Positive
    eta_min: AnyNumber = 0.0


class CosineAnnealingWarmRestarts(Scheduler):
    """Half cosines one after the other, each `T_mult` times as long as the one before it."""

    T_0: Positive
    T_mult: Positive = 1
    eta_min: Number = 0.0
