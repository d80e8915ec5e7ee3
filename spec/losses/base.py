"""What every loss says of itself.

torch's `size_average` and `reduce`, deprecated there in favour of `reduction`, are left out.
Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from ..kinds import Choice
from ..layers.base import Layer, StateEntry
from ..literals import TensorLiteral
from ..ops.base import Function
from ..record import Record
from ..tensor.dtype import is_floating_point
from ..tensor.type import TensorType

Meaning = Literal[
    "value",
    "probability",
    "logit",
    "class logits",
    "class log-probabilities",
    "class scores",
    "class features",
    "label scores",
    "log-probabilities",
    "rate",
    "log rate",
    "score",
    "distance",
]
"""What a loss takes the model's output for."""

Reduction = Annotated[str, Choice("none", "mean", "sum")]


class Targets(Record):
    """The numbers that a loss takes as targets.

    what: what they are, for messages: "-1 or 1".
    only: the numbers that there are; None where any within the bounds may be.
    also: further numbers, such as the one that is to be ignored.
    between: whether those between the numbers of `only` mean something: probabilities.
    low, high: the least and the largest; None without a bound.
    help: how others may become targets.
    """

    what: str
    only: tuple[int, ...] | range | None = None
    also: tuple[int, ...] = ()
    between: bool = False
    low: float | None = None
    high: float | None = None
    help: str | None = None

    def hold(self, number: float) -> bool:
        """Whether a number is one of them."""
        if self.only is not None:
            inside = self.between and min(self.only) < number < max(self.only)
            return inside or number in self.only or number in self.also
        return (self.low is None or number >= self.low) and (
            self.high is None or number <= self.high
        )


ANYTHING = Targets("a number")
YES_OR_NO = Targets("0 or 1, or a probability between them", only=(0, 1), between=True)
SIGNS = Targets(
    "-1 or 1", only=(-1, 1), help='inputs = { target = "2 * target - 1" } makes them of 0 and 1'
)


class Loss(Layer):
    """Compares an output with its target; a module of torch.

    function: torch's function of the same mathematics, whose rule says what is refused.
    target: the argument of forward that is compared with, and comes from the data; None where the
        inputs are compared with one another.
    weighs_targets: whether a mean divides by the weights of the targets rather than their number.
    """

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "target")
    forward_outputs: ClassVar[tuple[str, ...]] = ("loss",)
    function: ClassVar[Function[TensorType]]
    target: ClassVar[str | None] = "target"
    weighs_targets: ClassVar[bool] = False

    if TYPE_CHECKING:  # every loss has it, each at its own place among the arguments
        reduction: Reduction

    @property
    def meaning(self) -> Meaning:
        """What it takes the output for."""
        return "value"

    def targets(self, output: TensorType) -> Targets:
        """Which numbers it takes as targets of an output."""
        return ANYTHING

    def target_type(self, output: TensorType) -> TensorType:
        """The one type of target that fits an output, the loss's first input, without a broadcast
        or a conversion.

        Raises `Refusal` for an output that has none.
        """
        return output

    def output(self, *inputs: Any, **by_name: Any) -> TensorType:
        """The type of the loss. Raises `Refusal` where torch refuses, or would broadcast."""
        arguments = {
            name: value.type if isinstance(value, TensorLiteral) else value
            for name, value in self.given().items()
        }
        return self.function(*inputs, **by_name, **arguments)

    def state(self) -> Mapping[str, StateEntry]:
        return {
            name: StateEntry(value.type, trainable=False)
            for name, value in self.given().items()
            if isinstance(value, TensorLiteral)
        }

    def adapted(self, *inputs: object) -> Self:
        dtypes = [one.dtype for one in inputs[:1] if isinstance(one, TensorType)]
        if not dtypes or not is_floating_point(dtypes[0]):
            return self
        literals = {n: v for n, v in self if isinstance(v, TensorLiteral)}
        return self.model_copy({n: v.with_dtype(dtypes[0]) for n, v in literals.items()})
