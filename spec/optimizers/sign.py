"""Steps by the sign of the gradient.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import Annotated, Any

from ..arguments import Float
from ..kinds import Flag, Repeated
from ..refusal import Refusal
from .base import NonNegative, Optimizer, OptionalFlag

Pair = Annotated[tuple[float, float], Repeated(Float(finite=False), length=2, single=False)]


class Rprop(Optimizer):
    """Steps that grow while the gradient keeps its sign, and shrink where it changes."""

    lr: NonNegative = 1e-2
    etas: Pair = (0.5, 1.2)
    step_sizes: Pair = (1e-6, 50)
    capturable: Flag = False
    foreach: OptionalFlag = None
    maximize: Flag = False
    differentiable: Flag = False

    def model_post_init(self, _: Any) -> None:
        down, up = self.etas
        if not 0.0 < down < 1.0 < up:
            raise Refusal(
                f"etas must be a number from 0 to 1 and one above 1, not {down:g} and {up:g}",
                argument="etas",
            )
