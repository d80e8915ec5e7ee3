"""Stochastic gradient descent.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import Any, ClassVar, Final

from ..kinds import AnyNumber, Flag
from ..refusal import Refusal
from .base import NonNegative, Optimizer, OptionalFlag, check_implementation

_MANY_STEPS: Final = 1e9
"""More steps than a training has."""


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if asked for."""

    lr: NonNegative = 1e-3
    momentum: NonNegative = 0
    dampening: AnyNumber = 0
    weight_decay: NonNegative = 0
    nesterov: Flag = False
    maximize: Flag = False
    foreach: OptionalFlag = None
    differentiable: Flag = False
    fused: OptionalFlag = None

    takes_sparse: ClassVar[bool] = True

    def model_post_init(self, _: Any) -> None:
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise Refusal(
                "nesterov needs a momentum above 0 and a dampening of 0",
                argument="nesterov",
                other="dampening" if self.dampening != 0 else "momentum",
            )
        check_implementation(self.fused, self.foreach, self.differentiable)

    def kept(self) -> tuple[int, int]:
        return int(self.momentum != 0), 0


class ASGD(Optimizer):
    """Stochastic gradient descent that also averages the parameters."""

    lr: NonNegative = 1e-2
    lambd: NonNegative = 1e-4
    alpha: AnyNumber = 0.75
    t0: AnyNumber = 1e6
    weight_decay: NonNegative = 0
    foreach: OptionalFlag = None
    maximize: Flag = False
    differentiable: Flag = False
    capturable: Flag = False

    def model_post_init(self, _: Any) -> None:
        try:
            self.lr / (1 + self.lambd * self.lr * _MANY_STEPS) ** self.alpha
        except (OverflowError, ZeroDivisionError):
            raise Refusal(
                "the learning rate lr / (1 + lambd * lr * step) ** alpha leaves the range of"
                f" floats before step {_MANY_STEPS:g}",
                argument="alpha",
                other="lambd",
            ) from None

    def kept(self) -> tuple[int, int]:
        return 1, 3
