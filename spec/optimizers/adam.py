"""Adam and its kin.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import Any

from ..kinds import Flag
from .base import Betas, NonNegative, Optimizer, OptionalFlag, check_implementation


class Adam(Optimizer):
    """Steps scaled by running averages of the gradient and its square."""

    lr: NonNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0
    amsgrad: Flag = False
    foreach: OptionalFlag = None
    maximize: Flag = False
    capturable: Flag = False
    differentiable: Flag = False
    fused: OptionalFlag = None
    decoupled_weight_decay: Flag = False

    def model_post_init(self, _: Any) -> None:
        check_implementation(self.fused, self.foreach, self.differentiable)

    def kept(self) -> tuple[int, int]:
        return 2 + self.amsgrad, 1


class AdamW(Optimizer):
    """Adam with weight decay apart from the gradient."""

    lr: NonNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 1e-2
    amsgrad: Flag = False
    maximize: Flag = False
    foreach: OptionalFlag = None
    capturable: Flag = False
    differentiable: Flag = False
    fused: OptionalFlag = None

    def model_post_init(self, _: Any) -> None:
        check_implementation(self.fused, self.foreach, self.differentiable)

    def kept(self) -> tuple[int, int]:
        return 2 + self.amsgrad, 1
