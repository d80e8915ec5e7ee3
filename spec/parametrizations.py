"""Parametrizations: a tensor of a module computed from others, which are trained instead.

Each class is a function of torch.nn.utils.parametrizations; its fields are the arguments behind
the module and the tensor's name.
Source: https://docs.pytorch.org/docs/stable/nn.html#module-torch.nn.utils.parametrizations
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated

from .arguments import Arguments
from .kinds import AnyNumber, Choice, Flag, Optional, OptionalWhole, Positive
from .layers.base import StateEntry
from .names import snake_case
from .refusal import Refusal
from .tensor.check import dimension
from .tensor.dim import Dim
from .tensor.dtype import category, complex_to_real
from .tensor.type import TensorType, shape_text

Map = Annotated[str | None, Optional(Choice("matrix_exp", "cayley", "householder"))]
_HALF = ("float16", "bfloat16")


class Parametrization(Arguments):
    """Computes a tensor of a module from others."""

    @classmethod
    def torch_name(cls) -> str:
        """The function's name: `WeightNorm` is `weight_norm`."""
        return snake_case(cls.__name__)

    def state(self, entry: StateEntry, layer: str) -> Mapping[str, StateEntry]:
        """What stands for a tensor of a layer, by the name behind `parametrizations.NAME.`.

        Raises `Refusal` for a tensor that torch's function does not take.
        """
        raise TypeError(f"{type(self).__name__} has no rule")


class WeightNorm(Parametrization):
    """A length times a direction (Salimans and Kingma 2016): original0 holds the lengths along
    `dim`, original1 the directions; -1 and None stand for one length for all."""

    dim: OptionalWhole = 0

    def state(self, entry: StateEntry, layer: str) -> Mapping[str, StateEntry]:
        tensor = entry.type
        lengths: tuple[Dim, ...] = ()
        if self.dim is not None and self.dim != -1:
            # Along the first and the last dimension torch has kernels, without complex numbers.
            if category(tensor.dtype) == "complex" and self.dim in (0, tensor.rank - 1):
                raise _refused_dtype(self, tensor)
            kept = dimension(self.dim, tensor.rank)
            if kept == 0 and tensor.shape[0].constant == 0:
                raise Refusal("weight_norm takes no empty tensor", code="shape-mismatch")
            lengths = tuple(
                size if place == kept else Dim.of(1) for place, size in enumerate(tensor.shape)
            )
        return {
            "original0": entry.replace(type=TensorType(lengths, complex_to_real(tensor.dtype))),
            "original1": entry,
        }


class SpectralNorm(Parametrization):
    """A matrix over its largest singular value (Miyato et al. 2018), followed by power iterations
    in training; `dim` is that of the rows, by default 1 for a transposed convolution, else 0."""

    n_power_iterations: Positive = 1
    eps: AnyNumber = 1e-12
    dim: OptionalWhole = None

    def state(self, entry: StateEntry, layer: str) -> Mapping[str, StateEntry]:
        tensor = entry.type
        rows = self.dim if self.dim is not None else int(layer.startswith("ConvTranspose"))
        if not tensor.rank:
            raise Refusal("spectral_norm takes no tensor without dimensions", argument="dim")
        rows = dimension(rows, tensor.rank)
        state = {"original": entry}
        if tensor.rank > 1:
            sizes = [int(size) for size in tensor.shape]
            for name, size in (("0._u", sizes.pop(rows)), ("0._v", prod(sizes))):
                vector = tensor.with_shape((Dim.of(size),))
                state[name] = StateEntry(vector, trainable=False)
        return state


class Orthogonal(Parametrization):
    """Orthonormal columns, or rows if those are fewer (Lezcano-Casado 2019)."""

    orthogonal_map: Map = None
    use_trivialization: Flag = True

    def state(self, entry: StateEntry, layer: str) -> Mapping[str, StateEntry]:
        tensor = entry.type
        if tensor.rank < 2:
            raise Refusal(
                f"orthogonal takes a matrix, this is {shape_text(tensor.shape)}",
                code="shape-mismatch",
            )
        self._need_map(tensor)
        state = {"original": entry}
        if self.use_trivialization:
            side = Dim.of(max(int(size) for size in tensor.shape[-2:]))
            base = tensor.with_shape((*tensor.shape[:-2], side, side))
            state["0.base"] = StateEntry(base, trainable=False)
        return state

    def _need_map(self, tensor: TensorType) -> None:
        is_complex = category(tensor.dtype) == "complex"
        is_square = tensor.shape[-2] == tensor.shape[-1]
        default = "matrix_exp" if is_square or is_complex else "householder"
        chosen = self.orthogonal_map or default
        if chosen == "householder" and is_complex:
            raise Refusal("householder takes no complex matrix", argument="orthogonal_map")
        # torch's decompositions know no half precision, and the exponential alone needs none.
        if tensor.dtype in _HALF and (chosen != "matrix_exp" or self.use_trivialization):
            raise _refused_dtype(self, tensor)


def _refused_dtype(by: Parametrization, tensor: TensorType) -> Refusal:
    return Refusal(f"torch's {by.torch_name()} takes no {tensor.dtype}", code="dtype-mismatch")


def parametrizations() -> dict[str, type[Parametrization]]:
    """Every parametrization by torch's name."""
    return {derived.torch_name(): derived for derived in Parametrization.__subclasses__()}
