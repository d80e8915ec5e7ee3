"""Recurrent cells: one step of a recurrent layer.

Source: https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from ..kinds import Flag, Kind, Optional, OptionalParameterDType, Size
from ..ops.base import TensorPair
from ..ops.matrix import need_same_dtype
from ..tensor.check import need_equal, need_rank
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, promote
from ..tensor.type import TensorType, shape_text
from .base import Inferred, Layer, StateEntry
from .recurrent import Nonlinearity, need_ordered, need_state_dtype, need_state_shape


class _Cell(Layer):
    input_size: Annotated[Size, Inferred(-1)]
    hidden_size: Size
    bias: Flag = True

    if TYPE_CHECKING:
        # The last field of each cell.
        dtype: OptionalParameterDType

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "hx?")
    positional: ClassVar[int] = 2
    gates: ClassVar[int]

    def output(
        self, input: TensorType, hx: TensorType | None = None
    ) -> TensorType | tuple[TensorType, ...]:
        new = self._new_state(input)
        if hx is not None:
            self._need_state("hx", hx, new)
            need_state_dtype("hx", hx, new)
        return new

    def _new_state(self, input: TensorType) -> TensorType:
        """The type of the hidden state after the step; what inputs and state are multiplied by."""
        need_rank(input, (1, 2), "input", "(N, H_in) or (H_in,)")
        need_equal(
            input.shape[-1],
            Dim.of(self.input_size),
            f"the last size of {shape_text(input.shape)} must be input_size",
            argument="input",
            other="input_size",
        )
        new = TensorType.of((*input.shape[:-1], self.hidden_size), self.dtype or DEFAULT)
        need_same_dtype("input", input, "the layer", new)
        for entry in self.state().values():
            if entry.type.rank == 2:
                rows = input.shape[0] if input.rank == 2 else 1
                spend(2 * rows * entry.type.numel())
        return new

    def _need_state(self, name: str, seen: TensorType, new: TensorType) -> None:
        """Refuses a state of another shape than that of the new one."""
        need_state_shape(name, seen, new, "(N, H_out)" if new.rank == 2 else "(H_out,)")

    def state(self) -> Mapping[str, StateEntry]:
        rows = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, self.input_size),
            "weight_hh": (rows, self.hidden_size),
        }
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {}
        dtype = self.dtype or DEFAULT
        return {name: StateEntry(TensorType.of(shape, dtype)) for name, shape in shapes.items()}


class RNNCell(_Cell):
    """One step of Elman's recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Shape: (N, H_in), hx (N, hidden_size) -> (N, hidden_size); N may be missing.
    """

    nonlinearity: Nonlinearity = "tanh"
    dtype: OptionalParameterDType = None

    example: ClassVar[str] = '{ type = "RNNCell", hidden_size = 8 }'
    gates: ClassVar[int] = 1

    def output(
        self, input: TensorType, hx: TensorType | None = None
    ) -> TensorType | tuple[TensorType, ...]:
        need_ordered(self.nonlinearity, input)
        return super().output(input, hx)


class GRUCell(_Cell):
    """One step of the gated recurrent unit.

    Shape: (N, H_in), hx (N, hidden_size) -> (N, hidden_size); N may be missing.
    """

    dtype: OptionalParameterDType = None

    example: ClassVar[str] = '{ type = "GRUCell", hidden_size = 8 }'
    gates: ClassVar[int] = 3


class LSTMCell(_Cell):
    """One step of long short-term memory.

    Shape: (N, H_in), hx (h_0, c_0), each (N, hidden_size) -> h_1, c_1, likewise; N may be missing.
    """

    dtype: OptionalParameterDType = None

    forward_kinds: ClassVar[Mapping[str, Kind]] = {"hx": Optional(TensorPair("(h_0, c_0)"))}
    forward_outputs: ClassVar[tuple[str, ...]] = ("h_1", "c_1")
    example: ClassVar[str] = '{ type = "LSTMCell", hidden_size = 8 }'
    gates: ClassVar[int] = 4

    def output(  # type: ignore[override]  # the state is a pair
        self, input: TensorType, hx: tuple[TensorType, TensorType] | None = None
    ) -> tuple[TensorType, ...]:
        new = self._new_state(input)
        if hx is None:
            return new, new
        h_0, c_0 = hx
        self._need_state("h_0", h_0, new)
        need_state_dtype("h_0", h_0, new)
        self._need_state("c_0", c_0, new)
        # The gates only scale the cell's state and add to it, which converts.
        new = new.with_dtype(promote(new.dtype, c_0.dtype))
        return new, new
