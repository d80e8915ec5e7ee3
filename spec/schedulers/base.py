"""What every learning rate scheduler says of itself.

Source: https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from ..arguments import Arguments
from ..kinds import JsonSchema, Kind, Optional, Real, Repeated, each
from ..refusal import Refusal

if TYPE_CHECKING:
    from ..optimizers.base import Optimizer

Every = Literal["step", "epoch"]

Numbers = Annotated[float | tuple[float, ...], Repeated(Real())]
"""A number, or one for each parameter group."""


class Function(Kind):
    """A Python function of one number, as an expression.

    variable: what the expression calls the number; without one, `epoch` or `step`.
    """

    expects = "an expression in a string"

    def __init__(self, variable: str = "") -> None:
        self.variable = variable

    def read(self, value: object) -> str:
        if isinstance(value, str):
            return value
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "string"}


Functions = Annotated[str | tuple[str, ...], Repeated(Function())]
OptionalFunction = Annotated[str | None, Optional(Function("x"))]


def function_variable(kind: Kind) -> str | None:
    """The variable of an argument that is a function, None of any other."""
    inner = getattr(kind, "kind", kind)
    return inner.variable if isinstance(inner, Function) else None


class Scheduler(Arguments):
    """What changes the learning rate as training goes on; a class of torch.optim.lr_scheduler.

    every: when it steps, unless the spec says otherwise.
    length: the argument that says how many steps it spans and is filled in where left out.
    grouped: the arguments that may be a list, with a value for each parameter group.
    takes_measure: whether a step is told what was measured.
    """

    every: ClassVar[Every] = "epoch"
    length: ClassVar[str | None] = None
    grouped: ClassVar[tuple[str, ...]] = ()
    takes_measure: ClassVar[bool] = False

    @classmethod
    def called_from(cls, arguments: Mapping[str, object]) -> int:
        """The first number that torch calls a function among the arguments with."""
        return 0

    def check(self, optimizer: "Optimizer", groups: int) -> None:
        """Raises `Refusal` where torch would refuse to schedule this optimizer.

        groups: the number of parameter groups.
        """
        for name in self.grouped:
            self._check_grouped(name, groups)

    def _check_grouped(self, name: str, groups: int) -> None:
        value = getattr(self, name)
        if isinstance(value, tuple) and len(value) != groups:
            raise Refusal(
                f"{name} must be one value, or one for each of {groups} parameter groups",
                argument=name,
            )

    def spans_training(self) -> bool:
        """Whether it lasts as long as training: nothing says how many steps it has."""
        return False

    def check_steps(self, steps: int) -> None:
        """Raises `Refusal` where torch would fail within this number of steps."""

    def check_later(self) -> None:
        """Raises `Refusal` where torch would fail to begin with it after another scheduler."""


class CyclesMomentum(Scheduler):
    """One that varies the momentum against the learning rate."""

    grouped: ClassVar[tuple[str, ...]] = ("max_lr",)

    if TYPE_CHECKING:  # both have them
        cycle_momentum: bool
        base_momentum: Numbers
        max_momentum: Numbers

    def check(self, optimizer: "Optimizer", groups: int) -> None:
        super().check(optimizer, groups)
        if not self.cycle_momentum:
            return
        varied = optimizer.momentum_argument()
        if varied is None:
            raise Refusal(
                f"cycle_momentum needs an optimizer with momentum or betas,"
                f" {type(optimizer).__name__} has neither",
                argument="cycle_momentum",
                help="cycle_momentum = false",
            )
        for name in ("base_momentum", "max_momentum"):
            self._check_grouped(name, groups)
            values = each(getattr(self, name), 1)
            if varied == "betas" and not all(0.0 <= value < 1.0 for value in values):
                raise Refusal(
                    f"{name} becomes a beta of {type(optimizer).__name__}, which must be at least"
                    " 0 and below 1",
                    argument=name,
                )


def need_iterations(total_iters: int) -> None:
    """Raises `Refusal` for a length that torch divides by."""
    if total_iters == 0:
        raise Refusal(
            "total_iters must not be 0 after another scheduler: torch divides by it",
            argument="total_iters",
        )
