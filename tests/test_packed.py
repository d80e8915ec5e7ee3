"""Sequences that are packed: compiled networks equal those that are written by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
)

import specc

RUFF = Path(__file__).parent.parent / "templates/runtime/ruff.toml"
LENGTHS = {"shape": ["batch"], "dtype": "int64"}
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "RNN": [{}, {"nonlinearity": "relu", "num_layers": 2, "bidirectional": True}],
    "GRU": [{}, {"num_layers": 2, "dropout": 0.5}, {"bidirectional": True, "batch_first": True}],
    "LSTM": [
        {},
        {"proj_size": 2},
        {"num_layers": 2, "bidirectional": True, "proj_size": 3, "bias": False},
        {"batch_first": True, "dropout": 0.3, "num_layers": 3},
    ],
}
USES = [(kind, arguments) for kind, each in ARGUMENTS.items() for arguments in each]


def spec(*layers: object, outputs: list[str], time_first: bool = False) -> dict[str, Any]:
    """A model of x, (batch, time, 5) or (time, batch, 5), and lengths."""
    shape = ["time", "batch", 5] if time_first else ["batch", "time", 5]
    return {
        "model": {
            "name": "Net",
            "inputs": {"x": shape, "lengths": LENGTHS},
            "layers": list(layers),
            "outputs": outputs,
        }
    }


class Recurrent(nn.Module):
    """Packs, runs a recurrent layer, and pads again."""

    def __init__(self, kind: str, arguments: Mapping[str, Any], batch_first: bool) -> None:
        super().__init__()
        self.rnn = getattr(nn, kind)(5, 4, **arguments)
        self.batch_first = batch_first
        self.enforce_sorted = False

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        packed = pack_padded_sequence(x, lengths, self.batch_first, self.enforce_sorted)
        packed, state = self.rnn(packed)
        time = x.shape[1 if self.batch_first else 0]
        y, sizes = pad_packed_sequence(packed, self.batch_first, 0.5, time)
        return y, sizes, *(state if isinstance(state, tuple) else (state,))


@pytest.mark.parametrize(("kind", "arguments"), USES)
@pytest.mark.parametrize(("first", "ordered"), [*product([True, False], [True, False])])
def test_recurrent_layers_take_what_is_packed(
    kind: str, arguments: dict[str, Any], first: bool, ordered: bool
) -> None:
    flags = f"batch_first={first}, enforce_sorted={ordered}"
    pad = f"batch_first={first}, padding_value=0.5, total_length=time"
    states = ["rnn.h_n", "rnn.c_n"] if kind == "LSTM" else ["rnn.h_n"]
    network = Network(
        spec(
            {"expr": f"pack_padded_sequence(x, lengths, {flags})"},
            {"name": "rnn", "type": kind, "hidden_size": 4, **arguments},
            {"name": ["y", "sizes"], "expr": f"pad_packed_sequence(_, {pad})"},
            outputs=["y", "sizes", *states],
            time_first=not first,
        )
    )
    module = Recurrent(kind, arguments, first)
    module.enforce_sorted = ordered
    samples = [
        [torch.randn((batch, time, 5) if first else (time, batch, 5)), torch.tensor(lengths)]
        for batch, time, lengths in [(3, 4, [4, 2, 1]), (1, 1, [1]), (2, 6, [3, 3])]
    ]
    if not ordered:
        samples.append([torch.randn((3, 4, 5) if first else (4, 3, 5)), torch.tensor([1, 4, 2])])
    assert_same(network, module, module, samples)
    own_tests(network)
    for x, lengths in samples:
        y, sizes, *held = network(x, lengths)
        batch, time = x.shape[:2] if first else x.shape[1::-1]
        at = {"batch": batch, "time": time}
        assert shapes(network, at) == [[*one.shape] for one in (y, sizes, *held)]


def shapes(network: Network, sizes: Mapping[str, int]) -> list[list[int]]:
    """The shapes of the outputs that the summary tells."""
    return [
        [size if isinstance(size, int) else sizes[size] for size in output["shape"]]
        for output in network.summary["outputs"]
    ]


class Tagger(nn.Module):
    """Lengths that follow from the tokens, two layers, the first with a state of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 5)
        self.first = nn.LSTM(5, 4, bidirectional=True)
        self.second = nn.GRU(8, 8)

    def forward(self, tokens: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        lengths = (tokens != 0).sum(dim=1)
        packed = pack_padded_sequence(
            self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        packed, (_, c) = self.first(packed, (h, h.tanh()))
        packed, state = self.second(packed)
        again, _ = self.second(packed, state)
        y, _ = pad_packed_sequence(again, batch_first=True, total_length=tokens.shape[1])
        return y, c


TAGGER = """[model]
  name = "Net"
  inputs.tokens = { shape = ["batch", "time"], dtype = "int64" }
  inputs.h = [2, "batch", 4]
  layers = [
    { name = "embedding", type = "Embedding", num_embeddings = 11, embedding_dim = 5 },
    { name = "lengths", expr = "(tokens != 0).sum(dim=1)" },
    { name = "packed", expr = "pack_padded_sequence(embedding, lengths, True, False)" },
    { name = "first", type = "LSTM", hidden_size = 4, bidirectional = true,
      inputs = ["packed", "(h, h.tanh())"] },
    { name = "second", type = "GRU", hidden_size = 8, inputs = "first" },
    { name = "again", expr = "second(second, second.h_n)[0]" },
    { name = "y", expr = "pad_packed_sequence(again, batch_first=True, total_length=time)[0]" },
  ]
  outputs = ["y", "first.c_n"]
"""


def test_lengths_may_be_computed() -> None:

    network, module = Network(tomli.loads(TAGGER)), Tagger()
    tokens = torch.tensor([[3, 1, 0, 0], [4, 4, 9, 2], [1, 0, 0, 0]])
    assert_same(network, module, module, [[tokens, torch.randn(2, 3, 4)]])
    own_tests(network)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(0, 3))
def test_packing_and_padding_keep_the_steps(lengths: list[int], beyond: int) -> None:
    x = torch.arange(1.0, 1 + len(lengths) * (max(lengths) + beyond)).view(len(lengths), -1, 1)
    y, sizes = KEPT(x.expand(-1, -1, 5), torch.tensor(lengths))
    assert sizes.tolist() == lengths
    for row, (length, kept) in enumerate(zip(lengths, y, strict=True)):
        assert torch.equal(kept[:length], x[row, :length].expand(-1, 5))
        assert (kept[length:] == -1).all()


KEPT = Network(
    spec(
        {"name": "p", "expr": "pack_padded_sequence(x, lengths, True, enforce_sorted=False)"},
        {"name": ["y", "sizes"], "expr": "pad_packed_sequence(p, True, -1, time)"},
        outputs=["y", "sizes"],
    )
)


def test_the_longest_of_known_lengths_is_the_time() -> None:
    network = Network(
        {
            "model": {
                "name": "Net",
                "params": {"lengths": [2, 3, 1]},
                "inputs": {"x": [3, 4, 5]},
                "layers": [
                    {"name": "p", "expr": "pack_padded_sequence(x, lengths, True, False)"},
                    {"name": "rnn", "type": "GRU", "hidden_size": 2},
                    {"name": ["y", "sizes"], "expr": "pad_packed_sequence(rnn, True)"},
                    {"name": "rows", "expr": "unpack_sequence(p)"},
                    {"name": "row", "expr": "rows[1]"},
                ],
                "outputs": ["y", "sizes", "row"],
            }
        }
    )
    assert [output["shape"] for output in network.summary["outputs"]] == [[3, 3, 2], [3], [3, 5]]
    x = torch.randn(3, 4, 5)
    y, sizes, row = network(x)
    packed = pack_padded_sequence(x, [2, 3, 1], True, False)
    by_hand, _ = network.module.rnn(packed)  # type: ignore[operator]
    assert torch.equal(y, pad_packed_sequence(by_hand, True)[0])
    assert sizes.tolist() == [2, 3, 1]
    assert torch.equal(row, unpack_sequence(packed)[1])
    own_tests(network)


def test_lists_of_sequences() -> None:
    network = Network(
        {
            "model": {
                "name": "Net",
                "inputs": {
                    "a": {"shape": ["n", 2], "where": "n >= m"},
                    "b": ["m", 2],
                },
                "layers": [
                    {"name": "y", "expr": "pad_sequence([b, a], padding_side='left')"},
                    {"name": "packed", "expr": "pack_sequence([a, b])"},
                    {"name": "rnn", "type": "RNN", "hidden_size": 3},
                    {"name": ["z", "sizes"], "expr": "pad_packed_sequence(rnn)"},
                ],
                "outputs": ["y", "z", "sizes"],
            }
        }
    )
    a, b = torch.randn(5, 2), torch.randn(3, 2)
    y, z, sizes = network(a, b)
    assert torch.equal(y, pad_sequence([b, a], padding_side="left"))
    packed, _ = network.module.rnn(pack_sequence([a, b]))  # type: ignore[operator]
    assert torch.equal(z, pad_packed_sequence(packed)[0])
    assert sizes.tolist() == [5, 3]
    own_tests(network)


@pytest.mark.parametrize(
    ("lengths", "number"),
    [
        ("lengths", 1),
        ("lengths - 1", 2),
        ("lengths + 1", 1),
        ("lengths.eq(0).long()", 0),
        ("lengths.clamp(min=1)", 1),
    ],
)
def test_the_packages_own_tests_take_lengths_that_fit(lengths: str, number: int) -> None:
    network = Network(
        spec(
            {"expr": f"pack_padded_sequence(x, {lengths}, True, False)"},
            {"expr": "pad_packed_sequence(_, True, total_length=time)[0]"},
            outputs=[],
        )
    )
    written = {1: "torch.ones((2,)", 0: "torch.zeros((2,)", 2: "torch.full((2,), 2"}
    assert written[number] in network.files["test_net.py"]
    own_tests(network)


def test_what_no_sample_is_known_to_fit_is_not_tried() -> None:
    network = Network(
        spec(
            {"expr": "pack_padded_sequence(x, (10 - lengths).abs().clamp(max=3), True, False)"},
            {"expr": "pad_packed_sequence(_, True, total_length=time)[0]"},
            outputs=[],
        )
    )
    assert "def test_outputs" not in network.files["test_net.py"]


def test_lengths_are_brought_to_the_cpu_and_lists_stay_lists() -> None:
    assert "pack_padded_sequence(x, lengths.cpu(), True, enforce_sorted=False)" in " ".join(
        KEPT.files["model.py"].split()
    )


def test_flops_count_the_padding() -> None:
    """Sequences are at most as long as the time: the count is what all of that length would be."""
    packed = spec(
        {"expr": "pack_padded_sequence(x, lengths, True)"},
        {"type": "LSTM", "hidden_size": 4},
        {"expr": "pad_packed_sequence(_, True, total_length=time)[0]"},
        outputs=[],
    )
    padded = spec({"type": "LSTM", "hidden_size": 4, "batch_first": True}, outputs=[])
    del padded["model"]["inputs"]["lengths"]
    first, second = specc.compile(packed).summary, specc.compile(padded).summary
    assert first["flops"] == second["flops"]
    layer = next(one for one in first["layers"] if one["type"] == "LSTM")
    assert layer["packed"] is True
    assert layer["inputs"] == [["batch", "time", 5]]
    assert layer["output"] == ["batch", "time", 4]


@pytest.mark.slow
def test_the_output_is_clean(tmp_path: Path) -> None:
    """Formatted, linted and typed, with values that are packed in all places where they may be."""
    pad = "pad_packed_sequence({}, True, total_length=time)[0]"
    pack = {"expr": "pack_padded_sequence(_, lengths, True)"}
    gru = {"type": "GRU", "hidden_size": 5}
    trees = [
        tomli.loads(TAGGER),
        # The same variables hold tensors and packed values in turns, under names of the spec's own.
        spec(
            {"name": "packed", "type": "Linear", "out_features": 5},
            pack,
            gru,
            {"expr": pad.format("_")},
            "ReLU",
            pack,
            {**gru, "when": False},
            {"expr": pad.format("_")},
            outputs=[],
        ),
        spec(
            {"name": "steps", **pack, "expr": "pack_padded_sequence(x, lengths, True)"},
            {"name": "again", **gru, "repeat": 3},
            {"name": "both", "layers": [gru, {"type": "LSTM", "hidden_size": 5}]},
            {"name": "same", "expr": "both"},
            {"name": ["second", "state"], "expr": "branch(same)"},
            {"expr": f"{pad.format('second')} + {pad.format('again')} + state[0][:, None]"},
            outputs=[],
        ),
    ]
    trees[2]["model"]["layers"].insert(0, {"name": "branch", **gru, "call": False, "input_size": 5})
    for place, tree in enumerate(trees):
        network = Network(tree)
        own_tests(network)
        (tmp_path / f"net{place}").mkdir()
        for path, content in network.files.items():
            (tmp_path / f"net{place}" / path).write_text(content)
    for tool in (
        ("ruff", "format", "--diff", "--config", str(RUFF), "."),
        ("ruff", "check", "--config", str(RUFF), "."),
        *(("mypy", "--strict", "-p", f"net{place}") for place in range(len(trees))),
    ):
        command = [sys.executable, "-m", *tool]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
