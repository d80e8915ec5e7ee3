"""Steps divided by a running size of the gradient, without momentum unless asked for.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import Annotated, Any, ClassVar

from ..kinds import Flag, Real
from .base import NonNegative, Optimizer, OptionalFlag, check_implementation


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients."""

    lr: NonNegative = 1e-2
    alpha: NonNegative = 0.99
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0
    momentum: NonNegative = 0
    centered: Flag = False
    capturable: Flag = False
    foreach: OptionalFlag = None
    maximize: Flag = False
    differentiable: Flag = False

    def kept(self) -> tuple[int, int]:
        return 1 + self.centered + (self.momentum > 0), 1


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients."""

    lr: NonNegative = 1e-2
    lr_decay: NonNegative = 0
    weight_decay: NonNegative = 0
    initial_accumulator_value: NonNegative = 0
    eps: NonNegative = 1e-10
    foreach: OptionalFlag = None
    maximize: Flag = False
    differentiable: Flag = False
    fused: OptionalFlag = None

    takes_sparse: ClassVar[bool] = True
    shared: ClassVar[tuple[str, ...]] = ("initial_accumulator_value",)

    def model_post_init(self, _: Any) -> None:
        check_implementation(self.fused, self.foreach, self.differentiable)

    def kept(self) -> tuple[int, int]:
        return 1, 1


class Adadelta(Optimizer):
    """Steps as large, in proportion, as the changes that they made before."""

    lr: NonNegative = 1.0
    rho: Annotated[float, Real(0.0, 1.0)] = 0.9
    eps: NonNegative = 1e-6
    weight_decay: NonNegative = 0
    foreach: OptionalFlag = None
    capturable: Flag = False
    maximize: Flag = False
    differentiable: Flag = False
