"""Recurrent layers over whole sequences.

Source: https://docs.pytorch.org/docs/stable/nn.html#recurrent-layers
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from ..kinds import (
    Choice,
    Either,
    Flag,
    Integer,
    Kind,
    Optional,
    OptionalParameterDType,
    Positive,
    Probability,
    Size,
)
from ..ops.base import TensorKind, TensorPair
from ..ops.dropout import dropout
from ..ops.matrix import need_same_dtype
from ..ops.packing import PackedKind
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, category
from ..tensor.type import PackedType, TensorType, shape_text, tensors
from .base import Inferred, Layer, StateEntry

Nonlinearity = Annotated[str, Choice("tanh", "relu")]
# Each layer has weights of its own, which are listed one by one.
Depth = Annotated[int, Integer(1, 10_000)]
_SEQUENCES: Kind = Either(TensorKind(), PackedKind())


Sequences = TypeVar("Sequences", TensorType, PackedType)


class _Recurrent(Layer):
    input_size: Annotated[Positive, Inferred(-1)]
    hidden_size: Positive
    num_layers: Depth = 1

    if TYPE_CHECKING:
        # Fields of each layer, which torch orders differently.
        bias: Flag
        batch_first: Flag
        dropout: Probability
        bidirectional: Flag
        dtype: OptionalParameterDType

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "hx?")
    forward_kinds: ClassVar[Mapping[str, Kind]] = {"input": _SEQUENCES}
    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "h_n")
    positional: ClassVar[int] = 2
    gates: ClassVar[int]

    @property
    def _output_size(self) -> int:
        """How wide the hidden state is."""
        return self.hidden_size

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def output(
        self, input: Sequences, hx: TensorType | None = None
    ) -> tuple[Sequences | TensorType, ...]:
        batch = self._need_input(input)
        if hx is not None:
            self._need_state("hx", hx, batch, self._output_size)
        return self._sequence(input), self._state_type(batch, self._output_size)

    def _need_input(self, input: Sequences) -> tuple[Dim, ...]:
        """The batch's size, if there is a batch."""
        if isinstance(input, PackedType):
            need_rank(input.padded, (3,), "input", "packed (N, L, H_in)")
            self._need_steps(input.padded)
            return (input.batch,)
        batched = "(N, L, H_in)" if self.batch_first else "(L, N, H_in)"
        need_rank(input, (2, 3), "input", f"{batched} or (L, H_in)")
        self._need_steps(input)
        time = input.shape[1 if self.batch_first and input.rank == 3 else 0]
        need_at_least(time, 1, "the sequence must have a step", argument="input")
        return () if input.rank == 2 else (input.shape[0 if self.batch_first else 1],)

    def _need_steps(self, input: TensorType) -> None:
        """Refuses steps of another size or dtype than the layer's."""
        need_equal(
            input.shape[-1],
            Dim.of(self.input_size),
            f"the last size of {shape_text(input.shape)} must be input_size",
            argument="input",
            other="input_size",
        )
        need_same_dtype("input", input, "the layer", self._state_type((), 1))

    def _state_type(self, batch: tuple[Dim, ...], width: int) -> TensorType:
        """The type of a state: (D * num_layers, N, width); without N if there is no batch."""
        layers = self._directions * self.num_layers
        return TensorType.of((layers, *batch, width), self.dtype or DEFAULT)

    def _need_state(self, name: str, seen: TensorType, batch: tuple[Dim, ...], width: int) -> None:
        """Refuses an initial state of another type than that of the final one."""
        wanted = self._state_type(batch, width)
        last = "hidden_size" if name == "c_0" else "H_out"
        layout = f"(D * num_layers, N, {last})" if batch else f"(D * num_layers, {last})"
        need_state_shape(name, seen, wanted, layout)
        need_state_dtype(name, seen, wanted)

    def _sequence(self, input: Sequences) -> Sequences:
        """The type of `output`. What is multiplied: inputs and states by their weights.

        Of what is packed, each sequence is counted as long as the longest may be.
        """
        if isinstance(input, PackedType):
            return input.replace(padded=self._sequence(input.padded))
        for entry in self.state().values():
            if entry.type.rank == 2:
                places = input.numel() // self.input_size
                spend(2 * places * entry.type.numel())
        output = input.with_shape((*input.shape[:-1], self._directions * self._output_size))
        # Between the layers, so that a single one drops nothing.
        return output if self.num_layers == 1 else dropout(output, self.dropout, training=True)

    def state(self) -> Mapping[str, StateEntry]:
        """Layer by layer, direction by direction, as torch names them: `weight_ih_l0_reverse`."""
        found: dict[str, StateEntry] = {}
        width = self.input_size
        for layer in range(self.num_layers):
            for direction in ("", "_reverse")[: self._directions]:
                for name, shape in self._weights(width).items():
                    entry = StateEntry(TensorType.of(shape, self.dtype or DEFAULT))
                    found[f"{name}_l{layer}{direction}"] = entry
            width = self._directions * self._output_size
        return found

    def _weights(self, width: int) -> dict[str, tuple[int, ...]]:
        """The shapes of the weights of one layer in one direction; width: of what it takes."""
        rows = self.gates * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, width),
            "weight_hh": (rows, self._output_size),
        }
        return shapes | ({"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {})


class RNN(_Recurrent):
    """Elman's recurrent network: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh).

    Shape: (L, N, H_in), hx (D * num_layers, N, H_out) -> output (L, N, D * H_out), h_n as hx;
    N may be missing, L and N change places with batch_first; D is 2 if bidirectional, else 1.
    A packed input (N, L, H_in) gives a packed output.
    """

    nonlinearity: Nonlinearity = "tanh"
    bias: Flag = True
    batch_first: Flag = False
    dropout: Probability = 0.0
    bidirectional: Flag = False
    dtype: OptionalParameterDType = None

    example: ClassVar[str] = '{ type = "RNN", hidden_size = 8, inputs = "sequence" }'
    gates: ClassVar[int] = 1

    def output(
        self, input: Sequences, hx: TensorType | None = None
    ) -> tuple[Sequences | TensorType, ...]:
        need_ordered(self.nonlinearity, next(tensors(input)))
        return super().output(input, hx)


def need_state_shape(name: str, seen: TensorType, wanted: TensorType, layout: str) -> None:
    """Refuses an initial state (a part of `hx`) of another shape.

    layout: how the dimensions read.
    """
    what = f"{name} must be {layout} = {shape_text(wanted.shape)}, seen is {shape_text(seen.shape)}"
    if seen.rank != wanted.rank:
        raise Refusal(what, code="shape-mismatch", argument="hx", other="input")
    for size, expected in zip(seen.shape, wanted.shape, strict=True):
        need_equal(size, expected, what, argument="hx", other="input")


def need_state_dtype(name: str, seen: TensorType, wanted: TensorType) -> None:
    """Refuses an initial state (a part of `hx`) of another dtype than the layer's."""
    try:
        need_same_dtype(name, seen, "the layer", wanted)
    except Refusal as refusal:
        raise refusal.renamed(h_0="hx", c_0="hx") from None


def need_ordered(nonlinearity: str, input: TensorType) -> None:
    """Refuses relu of complex numbers."""
    if nonlinearity == "relu" and category(input.dtype) == "complex":
        raise Refusal(
            "complex numbers have no relu",
            code="dtype-mismatch",
            argument="nonlinearity",
            other="input",
        )


class GRU(_Recurrent):
    """The gated recurrent unit, whose gates say what of the state is kept and renewed.

    Shape: (L, N, H_in), hx (D * num_layers, N, H_out) -> output (L, N, D * H_out), h_n as hx;
    N may be missing, L and N change places with batch_first; D is 2 if bidirectional, else 1.
    A packed input (N, L, H_in) gives a packed output.
    """

    bias: Flag = True
    batch_first: Flag = False
    dropout: Probability = 0.0
    bidirectional: Flag = False
    dtype: OptionalParameterDType = None

    example: ClassVar[str] = '{ type = "GRU", hidden_size = 8, inputs = "sequence" }'
    gates: ClassVar[int] = 3


class LSTM(_Recurrent):
    """Long short-term memory: beside the hidden state, a cell that gates write and read.

    Shape: (L, N, H_in), hx (h_0 (D * num_layers, N, H_out), c_0 (D * num_layers, N, hidden_size))
    -> output (L, N, D * H_out), h_n as h_0, c_n as c_0; N may be missing, L and N change places
    with batch_first; D is 2 if bidirectional, else 1; H_out is proj_size, or hidden_size. A packed
    input (N, L, H_in) gives a packed output.
    """

    bias: Flag = True
    batch_first: Flag = False
    dropout: Probability = 0.0
    bidirectional: Flag = False
    proj_size: Size = 0
    dtype: OptionalParameterDType = None

    forward_kinds: ClassVar[Mapping[str, Kind]] = {
        "input": _SEQUENCES,
        "hx": Optional(TensorPair("(h_0, c_0)")),
    }
    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "h_n", "c_n")
    grouped: ClassVar[int] = 2
    partial_outputs: ClassVar[tuple[str, ...]] = ("c_n",)
    example: ClassVar[str] = '{ type = "LSTM", hidden_size = 8, inputs = "sequence" }'
    gates: ClassVar[int] = 4

    def model_post_init(self, context: object) -> None:
        if self.proj_size >= self.hidden_size:
            raise Refusal(
                f"proj_size = {self.proj_size} must be smaller than hidden_size ="
                f" {self.hidden_size}",
                argument="proj_size",
                other="hidden_size",
            )

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def output(  # type: ignore[override]  # the state is a pair
        self, input: Sequences, hx: tuple[TensorType, TensorType] | None = None
    ) -> tuple[Sequences | TensorType, ...]:
        batch = self._need_input(input)
        if hx is not None:
            h_0, c_0 = hx
            self._need_state("h_0", h_0, batch, self._output_size)
            self._need_state("c_0", c_0, batch, self.hidden_size)
        h_n = self._state_type(batch, self._output_size)
        return self._sequence(input), h_n, self._state_type(batch, self.hidden_size)

    def _weights(self, width: int) -> dict[str, tuple[int, ...]]:
        projection = {"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {}
        return {**super()._weights(width), **projection}
