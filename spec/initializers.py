"""Initialisers. Source: https://docs.pytorch.org/docs/stable/nn.init.html

Each class is a function of torch.nn.init; its fields are the arguments behind the tensor.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from .arguments import Arguments
from .kinds import AnyNumber, Choice, Integer, Real
from .names import snake_case
from .refusal import Refusal
from .tensor.type import TensorType, shape_text

Deviation = Annotated[float, Real(minimum=0.0)]
Mode = Annotated[str, Choice("fan_in", "fan_out")]
Nonlinearity = Annotated[
    str,
    Choice(
        "linear",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "selu",
    ),
]


class Initializer(Arguments):
    """Fills a tensor.

    ranks: the numbers of dimensions that it takes; any from the first on, if there is but one.
    """

    ranks: ClassVar[tuple[int, ...]] = (0,)

    @classmethod
    def torch_name(cls) -> str:
        """The function's name: `KaimingNormal` is `kaiming_normal_`."""
        return f"{snake_case(cls.__name__)}_"

    def check(self, tensor: TensorType) -> None:
        """Raises `Refusal` for a tensor that torch's function does not take."""
        low, high = self.ranks[0], self.ranks[-1] if len(self.ranks) > 1 else None
        if tensor.rank < low or (high is not None and tensor.rank > high):
            wanted = f"{low} dimensions or more" if high is None else f"{low} to {high} dimensions"
            wanted = f"{low} dimensions" if low == high else wanted
            raise Refusal(
                f"{self.torch_name()} takes tensors of {wanted}, not {shape_text(tensor.shape)}",
                code="shape-mismatch",
            )


class Uniform(Initializer):
    """Values drawn evenly from a to b."""

    a: AnyNumber = 0.0
    b: AnyNumber = 1.0


class Normal(Initializer):
    """Values drawn from a normal distribution."""

    mean: AnyNumber = 0.0
    std: Deviation = 1.0


class TruncNormal(Initializer):
    """Values drawn from a normal distribution, drawn again beyond a and b."""

    mean: AnyNumber = 0.0
    std: Deviation = 1.0
    a: AnyNumber = -2.0
    b: AnyNumber = 2.0


class Constant(Initializer):
    """One value."""

    val: AnyNumber

    positional: ClassVar[int] = 1


class Ones(Initializer):
    """Ones."""


class Zeros(Initializer):
    """Zeros."""


class Eye(Initializer):
    """The identity matrix."""

    ranks: ClassVar[tuple[int, ...]] = (2, 2)


class Dirac(Initializer):
    """A convolution that passes its input on."""

    groups: Annotated[int, Integer(1)] = 1

    ranks: ClassVar[tuple[int, ...]] = (3, 5)


class XavierUniform(Initializer):
    """Evenly drawn, scaled by both fans (Glorot and Bengio 2010)."""

    gain: AnyNumber = 1.0

    ranks: ClassVar[tuple[int, ...]] = (2,)


class XavierNormal(Initializer):
    """Normally drawn, scaled by both fans (Glorot and Bengio 2010)."""

    gain: AnyNumber = 1.0

    ranks: ClassVar[tuple[int, ...]] = (2,)


class KaimingUniform(Initializer):
    """Evenly drawn, scaled by one fan (He et al. 2015)."""

    a: AnyNumber = 0
    mode: Mode = "fan_in"
    nonlinearity: Nonlinearity = "leaky_relu"

    ranks: ClassVar[tuple[int, ...]] = (2,)


class KaimingNormal(Initializer):
    """Normally drawn, scaled by one fan (He et al. 2015)."""

    a: AnyNumber = 0
    mode: Mode = "fan_in"
    nonlinearity: Nonlinearity = "leaky_relu"

    ranks: ClassVar[tuple[int, ...]] = (2,)


class Orthogonal(Initializer):
    """A matrix with orthogonal rows or columns (Saxe et al. 2013)."""

    gain: AnyNumber = 1

    ranks: ClassVar[tuple[int, ...]] = (2,)


class Sparse(Initializer):
    """Normally drawn with a share of zeros in each column (Martens 2010)."""

    sparsity: Annotated[float, Real(0.0, 1.0)]
    std: Deviation = 0.01

    ranks: ClassVar[tuple[int, ...]] = (2, 2)
    positional: ClassVar[int] = 1


def initializers() -> dict[str, type[Initializer]]:
    """Every initialiser by torch's name."""
    return {derived.torch_name(): derived for derived in Initializer.__subclasses__()}
