"""Learning rates by a function of one's own.

torch takes a Python function of the number of epochs, or of steps; a spec says it as an expression
over `epoch`, or over `step`.
Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from collections.abc import Mapping
from typing import ClassVar

from .base import Functions, Scheduler


class LambdaLR(Scheduler):
    """Sets the learning rate to the optimizer's own times a factor."""

    lr_lambda: Functions

    grouped: ClassVar[tuple[str, ...]] = ("lr_lambda",)


class MultiplicativeLR(Scheduler):
    """Multiplies the learning rate by a factor every epoch."""

    lr_lambda: Functions

    grouped: ClassVar[tuple[str, ...]] = ("lr_lambda",)

    @classmethod
    def called_from(cls, arguments: Mapping[str, object]) -> int:
        # The first learning rate is the optimizer's own.
        return 1
