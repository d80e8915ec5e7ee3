"""Learning rates that begin as a part of the optimizer's own.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from typing import Annotated, Any

from ..kinds import Probability, Real, Whole
from ..refusal import Refusal
from .base import Scheduler, need_iterations


class ConstantLR(Scheduler):
    """Multiplies the learning rate by `factor` for `total_iters` epochs."""

    factor: Probability = 1.0 / 3
    total_iters: Whole = 5

    def model_post_init(self, _: Any) -> None:
        if self.factor == 0 and self.total_iters >= 1:
            raise Refusal(
                "factor must be above 0: after total_iters the learning rate is divided by it",
                argument="factor",
                other="total_iters",
            )


class LinearLR(Scheduler):
    """Takes the factor of the learning rate from `start_factor` to `end_factor` in a line."""

    start_factor: Annotated[float, Real(maximum=1.0, above=0.0)] = 1.0 / 3
    end_factor: Probability = 1.0
    total_iters: Whole = 5

    def check_later(self) -> None:
        need_iterations(self.total_iters)
