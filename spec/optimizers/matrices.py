"""Optimizers that see a parameter as a matrix rather than as numbers side by side.

Source: https://docs.pytorch.org/docs/stable/optim.html#algorithms
"""

from typing import Annotated, ClassVar

from ..kinds import (
    AnyNumber,
    Choice,
    Flag,
    Integer,
    JsonSchema,
    Kind,
    Optional,
    Real,
    Repeated,
)
from ..ops.pointwise import need_storable
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, itemsize
from ..tensor.type import TensorType, product
from .base import Gradient, NonNegative, Optimizer, OptionalFlag

Coefficients = Annotated[
    tuple[float, float, float], Repeated(Real(finite=False), length=3, single=False)
]


class Muon(Optimizer):
    """Steps along the momentum of a weight matrix made orthogonal; for hidden layers' weights."""

    lr: NonNegative = 1e-3
    weight_decay: NonNegative = 0.1
    momentum: NonNegative = 0.95
    nesterov: Flag = True
    ns_coefficients: Coefficients = (3.4445, -4.775, 2.0315)
    eps: AnyNumber = 1e-7
    ns_steps: Annotated[int, Integer(maximum=99)] = 5
    adjust_lr_fn: Annotated[str | None, Optional(Choice("original", "match_rms_adamw"))] = None

    takes_complex: ClassVar[bool] = False

    def check_parameter(self, parameter: TensorType, gradient: Gradient) -> None:
        if parameter.rank != 2:
            raise Refusal(
                f"Muon takes matrices alone, this has {parameter.rank} dimensions",
                help="train it with another [[optimizer]], such as AdamW",
            )
        # The orthogonal matrix is computed in half precision.
        need_storable(self.eps, "bfloat16", "eps")
        super().check_parameter(parameter, gradient)

    def kept(self) -> tuple[int, int]:
        return 1, 0


class Epsilons(Kind):
    """Adafactor's two: of the squared gradient (torch's None is the dtype's), of the parameter."""

    expects = 'a list of two numbers of at least 0, the first of which may be "None"'
    strings = frozenset({"None"})

    def read(self, value: object) -> tuple[float | None, float]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise self.refused(value)
        first, second = value
        number = Real(minimum=0.0, finite=False)
        try:
            read = None if first in (None, "None") else number.read(first)
            return read, number.read(second)
        except ValueError:
            raise self.refused(value) from None

    def json_schema(self) -> JsonSchema:
        number = Real(minimum=0.0, finite=False).json_schema()
        items = {"anyOf": [number, {"const": "None"}]}
        return {"type": "array", "items": items, "minItems": 2, "maxItems": 2}


class Adafactor(Optimizer):
    """Steps divided by the size of the gradient, of which only rows and columns are kept."""

    lr: NonNegative = 1e-2
    beta2_decay: Annotated[float, Real(maximum=0.0, finite=False)] = -0.8
    eps: Annotated[tuple[float | None, float], Epsilons()] = (None, 1e-3)
    d: Annotated[float, Real(minimum=1.0, finite=False)] = 1.0
    weight_decay: NonNegative = 0.0
    foreach: OptionalFlag = None
    maximize: Flag = False

    takes_complex: ClassVar[bool] = False

    def state_bytes(self, parameter: TensorType) -> Dim:
        if parameter.rank < 2:
            return parameter.nbytes() + itemsize(DEFAULT)
        *outer, rows, columns = parameter.shape
        # Of each matrix the mean of its rows, and that of its columns.
        sums = product(outer) * (rows + columns)
        return sums * itemsize(parameter.dtype) + itemsize(DEFAULT)
