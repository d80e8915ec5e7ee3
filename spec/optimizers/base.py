"""What every optimizer says of itself.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import TYPE_CHECKING, Annotated, ClassVar

from ..arguments import Arguments, Float
from ..kinds import Boolean, Optional, Real, Repeated
from ..refusal import Refusal

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


def check_implementation(fused: bool | None, foreach: bool | None, differentiable: bool) -> None:
    """Raises `Refusal` for implementations that exclude each other."""
    if fused and differentiable:
        raise Refusal(
            "fused and differentiable exclude each other", argument="fused", other="differentiable"
        )
    if fused and foreach:
        raise Refusal("fused and foreach exclude each other", argument="fused", other="foreach")
