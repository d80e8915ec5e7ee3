"""Optimizers. Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from .arguments import Arguments, Float
from .kinds import AnyNumber, Boolean, Flag, Optional, Real, Repeated
from .refusal import Refusal

NonNegative = Annotated[float, Real(minimum=0.0, finite=False)]
Betas = Annotated[
    tuple[float, float], Repeated(Float(minimum=0.0, below=1.0), length=2, single=False)
]
OptionalFlag = Annotated[bool | None, Optional(Boolean())]


class Optimizer(Arguments):
    """The rule by which a step changes the parameters; a class of torch.optim.

    momentum_argument: what `cycle_momentum` of a scheduler would vary, if there is such a thing.
    """

    momentum_argument: ClassVar[str | None] = None

    if TYPE_CHECKING:  # every optimizer has it
        lr: NonNegative


def _check_implementation(fused: bool | None, foreach: bool | None, differentiable: bool) -> None:
    """Raises `Refusal` for implementations that exclude each other."""
    if fused and differentiable:
        raise Refusal(
            "fused and differentiable exclude each other", argument="fused", other="differentiable"
        )
    if fused and foreach:
        raise Refusal("fused and foreach exclude each other", argument="fused", other="foreach")


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

    momentum_argument: ClassVar[str | None] = "momentum"

    def model_post_init(self, _: Any) -> None:
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise Refusal(
                "nesterov needs a momentum above 0 and a dampening of 0",
                argument="nesterov",
                other="dampening" if self.dampening != 0 else "momentum",
            )
        _check_implementation(self.fused, self.foreach, self.differentiable)


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

    momentum_argument: ClassVar[str | None] = "betas"

    def model_post_init(self, _: Any) -> None:
        _check_implementation(self.fused, self.foreach, self.differentiable)


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

    momentum_argument: ClassVar[str | None] = "betas"

    def model_post_init(self, _: Any) -> None:
        _check_implementation(self.fused, self.foreach, self.differentiable)
