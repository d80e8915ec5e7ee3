"""What every learning rate scheduler says of itself.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from typing import TYPE_CHECKING, ClassVar, Literal

from ..arguments import Arguments

if TYPE_CHECKING:
    from ..optimizers.base import Optimizer

Every = Literal["step", "epoch"]


class Scheduler(Arguments):
    """What changes the learning rate as training goes on; a class of torch.optim.lr_scheduler.

    every: when it steps, unless the spec says otherwise.
    length: the argument that says how many steps it spans and is filled in where left out.
    """

    every: ClassVar[Every] = "epoch"
    length: ClassVar[str | None] = None
    positional: ClassVar[int] = 1

    def check(self, optimizer: "Optimizer", groups: int) -> None:
        """Raises `Refusal` where torch would refuse to schedule this optimizer.

        groups: the number of parameter groups.
        """
