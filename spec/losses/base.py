"""What every loss says of itself.

torch's `size_average` and `reduce`, deprecated there in favour of `reduction`, are left out.
Source: https://docs.pytorch.org/docs/stable/nn.html#loss-functions
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from ..kinds import Choice, Optional, Real, Repeated
from ..layers.base import Layer
from ..ops.base import Function
from ..tensor.type import TensorType

Meaning = Literal["value", "probability", "logit", "class logits"]
"""What a loss takes the model's output for."""

Reduction = Annotated[str, Choice("none", "mean", "sum")]
OptionalNumbers = Annotated[
    tuple[float, ...] | None, Optional(Repeated(Real(finite=False), single=False))
]


class Loss(Layer):
    """Compares an output with its target; a module of torch.

    function: torch's function of the same mathematics, whose rule says what is refused.
    meaning: what it takes the output for.
    tensors: the arguments that torch takes as tensors, and a spec as lists.
    """

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "target")
    function: ClassVar[Function[TensorType]]
    meaning: ClassVar[Meaning] = "value"
    tensors: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:  # every loss has it, each at its own place among the arguments
        reduction: Reduction

    def target_type(self, output: TensorType) -> TensorType:
        """The one type of target that fits an output without a broadcast or a conversion.

        Raises `Refusal` for an output that the loss does not take.
        """
        self.output(output, output)
        return output

    def output(self, input: TensorType, target: TensorType) -> TensorType:
        """The type of the loss. Raises `Refusal` where torch refuses, or would broadcast."""
        arguments: dict[str, Any] = self.given()
        for name in self.tensors:
            if name in arguments:
                arguments[name] = TensorType.of((len(arguments[name]),))
        return self.function(input, target, **arguments)
