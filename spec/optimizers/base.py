"""What every optimizer says of itself.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

from ..arguments import Arguments, Float
from ..kinds import Boolean, Optional, Real, Repeated
from ..ops.pointwise import need_storable
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, category, itemsize
from ..tensor.type import TensorType

NonNegative = Annotated[float, Real(minimum=0.0, finite=False)]
Betas = Annotated[
    tuple[float, float], Repeated(Float(minimum=0.0, below=1.0), length=2, single=False)
]
OptionalFlag = Annotated[bool | None, Optional(Boolean())]
Gradient = Literal["dense", "sparse", "none"]
"""What a parameter's gradients are; those of a frozen one are none."""
_IN_TENSORS: Final = (
    *("lr", "weight_decay", "momentum", "eps", "alpha"),
    "initial_accumulator_value",
)
"""The numbers that a step puts into tensors of the parameters' type."""


class Optimizer(Arguments):
    """The rule by which a step changes the parameters; a class of torch.optim.

    takes_complex: whether parameters may be complex.
    takes_sparse: whether gradients may be sparse.
    takes_groups: whether parameters may have settings of their own.
    takes_closure: whether a step asks for the loss and its gradients, as often as it needs them.
    shared: the arguments that hold for all parameters, whatever their group says.
    """

    takes_complex: ClassVar[bool] = True
    takes_sparse: ClassVar[bool] = False
    takes_groups: ClassVar[bool] = True
    takes_closure: ClassVar[bool] = False
    shared: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:  # every optimizer has it
        lr: NonNegative

    @classmethod
    def momentum_argument(cls) -> str | None:
        """What `cycle_momentum` of a scheduler would vary, if there is such a thing."""
        return next((name for name in ("betas", "momentum") if name in cls.model_fields), None)

    def kept(self) -> tuple[int, int]:
        """What a step leaves for the next one of each parameter: how many tensors like it, and how
        many single numbers in tensors of their own."""
        return 2, 1

    def state_bytes(self, parameter: TensorType) -> Dim:
        """How many bytes it keeps for a parameter that it trains."""
        tensors, numbers = self.kept()
        return tensors * parameter.nbytes() + numbers * itemsize(DEFAULT)

    def shared_bytes(self, parameters: Sequence[TensorType]) -> Dim:
        """How many bytes it keeps beside those for each of the parameters that it trains."""
        return Dim.of(0)

    def check_parameter(self, parameter: TensorType, gradient: Gradient) -> None:
        """Raises `Refusal` where torch would refuse to train a parameter."""
        name = type(self).__name__
        for argument in _IN_TENSORS:
            value = getattr(self, argument, None)
            if isinstance(value, int | float):
                need_storable(value, parameter.dtype, argument)
        is_complex = category(parameter.dtype) == "complex"
        if is_complex and not self.takes_complex:
            raise Refusal(f"{name} takes real parameters, this is {parameter.dtype}")
        if is_complex and self.given().get("fused"):
            raise Refusal(
                f"fused takes real parameters, this is {parameter.dtype}", argument="fused"
            )
        if gradient == "sparse" and not self.takes_sparse:
            raise Refusal(
                f"{name} takes dense gradients, this parameter's are sparse",
                help="SparseAdam, SGD, Adagrad and LBFGS take sparse gradients",
            )
        for argument in ("fused", "weight_decay"):
            if gradient == "sparse" and self.given().get(argument):
                raise Refusal(
                    f"{argument} of {name} takes dense gradients, this parameter's are sparse",
                    argument=argument,
                )


def check_implementation(fused: bool | None, foreach: bool | None, differentiable: bool) -> None:
    """Raises `Refusal` for implementations that exclude each other."""
    if fused and differentiable:
        raise Refusal(
            "fused and differentiable exclude each other", argument="fused", other="differentiable"
        )
    if fused and foreach:
        raise Refusal("fused and foreach exclude each other", argument="fused", other="foreach")
