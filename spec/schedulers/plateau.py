"""Learning rates that follow what is measured.

Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
"""

from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Choice, Real, Whole
from .base import Numbers, Scheduler


class ReduceLROnPlateau(Scheduler):
    """Multiplies the learning rate by `factor` when `monitor` stops improving."""

    mode: Annotated[str, Choice("min", "max")] = "min"
    factor: Annotated[float, Real(below=1.0, finite=False)] = 0.1
    patience: Whole = 10
    threshold: AnyNumber = 1e-4
    threshold_mode: Annotated[str, Choice("rel", "abs")] = "rel"
    cooldown: Whole = 0
    min_lr: Numbers = 0
    eps: AnyNumber = 1e-8

    grouped: ClassVar[tuple[str, ...]] = ("min_lr",)
    takes_measure: ClassVar[bool] = True
