"""Learning rates that fall as training goes on.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from typing import Annotated

from ..kinds import Integer, Real
from .base import Scheduler


class StepLR(Scheduler):
    """Multiplies the learning rate by `gamma` every `step_size` epochs."""

    step_size: Annotated[int, Integer(1)]
    gamma: Annotated[float, Real()] = 0.1


class CosineAnnealingLR(Scheduler):
    """Lets the learning rate fall to `eta_min` along half a cosine of length `T_max`."""

    T_max: Annotated[int, Integer(1)]
    eta_min: Annotated[float, Real()] = 0.0
