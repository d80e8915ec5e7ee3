"""Variations on Adam.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from ..kinds import Flag
from .base import Betas, NonNegative, Optimizer, OptionalFlag


class Adamax(Optimizer):
    """Adam with the largest of recent gradients in the place of their mean square."""

    lr: NonNegative = 2e-3
    betas: Betas = (0.9, 0.999)
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0
    foreach: OptionalFlag = None
    maximize: Flag = False
    differentiable: Flag = False
    capturable: Flag = False


class NAdam(Optimizer):
    """Adam with Nesterov's momentum."""

    lr: NonNegative = 2e-3
    betas: Betas = (0.9, 0.999)
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0
    momentum_decay: NonNegative = 4e-3
    decoupled_weight_decay: Flag = False
    foreach: OptionalFlag = None
    maximize: Flag = False
    capturable: Flag = False
    differentiable: Flag = False

    def kept(self) -> tuple[int, int]:
        return 2, 2


class RAdam(Optimizer):
    """Adam whose first steps are smaller, while its averages rest on few gradients."""

    lr: NonNegative = 1e-3
    betas: Betas = (0.9, 0.999)
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0
    decoupled_weight_decay: Flag = False
    foreach: OptionalFlag = None
    maximize: Flag = False
    capturable: Flag = False
    differentiable: Flag = False
