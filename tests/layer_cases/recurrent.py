"""Recurrent layers and cells: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from torch_reference import Signature

from layer_cases.base import FLOATS, Case, Draw, case, flags, some

sizes = st.sampled_from([2, 3, 3, 1, 0])
positive = st.sampled_from([1, 2, 3, 3, 4])
dtypes = st.sampled_from([*FLOATS, "complex64"])
nonlinearities = st.sampled_from(["tanh", "tanh", "relu", "sigmoid"])
Arguments = dict[str, Any]


def _often(draw: Draw, usual: Any, otherwise: st.SearchStrategy[Any]) -> Any:
    """The usual, or now and then something else."""
    return usual if draw(st.integers(0, 14)) else draw(otherwise)


def _typed(draw: Draw) -> dict[str, str]:
    return some(draw, dtype=dtypes) or _often(draw, {}, st.just({"dtype": "int64"}))


def _tensor(draw: Draw, shape: tuple[int, ...], arguments: Arguments) -> Signature:
    """Mostly of this shape and the layer's dtype."""
    place = draw(st.integers(0, max(len(shape) - 1, 0)))
    others = [shape[1:], (2, *shape), (*shape[:place], draw(sizes), *shape[place + 1 :])]
    dtype = _often(draw, arguments.get("dtype", "float32"), st.sampled_from([*FLOATS, "int64"]))
    return _often(draw, shape, st.sampled_from(others)), dtype


def _sequence(draw: Draw, arguments: Arguments) -> Case:
    """A recurrent layer of some further arguments, with its sequence."""
    drawn: Arguments = {
        "input_size": _often(draw, draw(positive), st.sampled_from([0, -1])),
        "hidden_size": _often(draw, draw(positive), st.sampled_from([0, -1])),
    }
    drawn |= some(
        draw,
        num_layers=st.sampled_from([1, 2, 2, 3, 0]),
        bias=flags,
        batch_first=flags,
        dropout=st.sampled_from([0, 0.5, 0.5, 1.0, 1.5, -0.1]),
        bidirectional=flags,
    )
    drawn |= arguments | _typed(draw)
    time, width = draw(sizes), max(drawn["input_size"], 0)
    batch = (draw(sizes),) if draw(flags) else ()
    shape = (*batch, time) if drawn.get("batch_first") else (time, *batch)
    return drawn, [_tensor(draw, (*shape, width), drawn), batch]


def _states(drawn: Arguments, batch: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a layer's states, but for how wide they are."""
    directions = 2 if drawn.get("bidirectional") else 1
    return (drawn.get("num_layers", 1) * directions, *batch)


@case("RNN")
def _rnn(draw: Draw, spatial: int) -> Case:
    drawn, (input, batch) = _sequence(draw, some(draw, nonlinearity=nonlinearities))
    return _with_state(draw, drawn, input, _states(drawn, batch))


@case("GRU")
def _gru(draw: Draw, spatial: int) -> Case:
    drawn, (input, batch) = _sequence(draw, {})
    return _with_state(draw, drawn, input, _states(drawn, batch))


@case("LSTM")
def _lstm(draw: Draw, spatial: int) -> Case:
    projected = some(draw, proj_size=st.sampled_from([0, 1, 1, 2, 3, -1]))
    drawn, (input, batch) = _sequence(draw, projected)
    width = max(drawn.get("proj_size", 0), 0) or max(drawn["hidden_size"], 0)
    return _with_states(draw, drawn, input, _states(drawn, batch), width)


def _cell_input(draw: Draw) -> tuple[Arguments, Signature, tuple[int, ...]]:
    """A cell's arguments and input; the batch's size, if there is a batch."""
    widths = st.sampled_from([1, 2, 3, 4, 0, -1])
    arguments = {"input_size": draw(widths), "hidden_size": draw(widths)}
    arguments |= some(draw, bias=flags) | _typed(draw)
    batch = (draw(sizes),) if draw(flags) else ()
    return (
        arguments,
        _tensor(draw, (*batch, max(arguments["input_size"], 0)), arguments),
        batch,
    )


@case("RNNCell")
def _rnn_cell(draw: Draw, spatial: int) -> Case:
    arguments, input, batch = _cell_input(draw)
    arguments |= some(draw, nonlinearity=nonlinearities)
    return _with_state(draw, arguments, input, batch)


@case("GRUCell")
def _gru_cell(draw: Draw, spatial: int) -> Case:
    return _with_state(draw, *_cell_input(draw))


@case("LSTMCell")
def _lstm_cell(draw: Draw, spatial: int) -> Case:
    arguments, input, batch = _cell_input(draw)
    return _with_states(draw, arguments, input, batch, max(arguments["hidden_size"], 0))


def _with_state(
    draw: Draw, arguments: Arguments, input: Signature, leading: tuple[int, ...]
) -> Case:
    """With an initial state, or none."""
    if draw(st.integers(0, 2)) == 0:
        return arguments, [input] if draw(flags) else [input, None]
    state = (*leading, max(arguments["hidden_size"], 0))
    return arguments, [input, _tensor(draw, state, arguments)]


def _with_states(
    draw: Draw, arguments: Arguments, input: Signature, leading: tuple[int, ...], width: int
) -> Case:
    """With a pair of initial states, or none; width: of the first."""
    if draw(st.integers(0, 2)) == 0:
        return arguments, [input] if draw(flags) else [input, None]
    cell = (*leading, max(arguments["hidden_size"], 0))
    pair = [_tensor(draw, (*leading, width), arguments), _tensor(draw, cell, arguments)]
    return arguments, [input, pair]
