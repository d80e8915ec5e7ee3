"""For edits whose effect is known: who breaks is who breaks in torch, and nobody else."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
from compared import Network
from diff_edits import Tree, are_same, changes, loads, outputs
from torch import Tensor

import specc

ROOT = Path(__file__).parent.parent
SIZES = range(1, 20)


def tree(inputs: dict[str, Any], *layers: Any, **keys: Any) -> Tree:
    return {"model": {"name": "Net", "inputs": inputs, "layers": [*layers], **keys}}


def conv(kernel: int, **keys: Any) -> Tree:
    return {"type": "Conv1d", "out_channels": 2, "kernel_size": kernel, **keys}


FREE = {"x": ["batch", 2, "time"]}
WHOLE = {"x": ["batch", 2, "4*t"]}
LONG = {"x": {"shape": ["batch", 2, "time"], "where": "time >= 7"}}
SHORT = {"x": {"shape": ["batch", 2, "time"], "where": "time <= 9"}}
EVEN = {"x": {"shape": ["batch", 2, "time"], "where": "time % 2 == 0"}}
FOURTH = {"x": {"shape": ["batch", 2, "time"], "where": "time % 4 == 0"}}
EIGHT = {"x": ["batch", 2, 8]}
OTHER = {"x": ["n", 2, "length"]}
ODD = {"x": ["batch", 2, "2*k + 1"]}
SAME = conv(3, padding=1)
HALVED = conv(3, padding=1, stride=2)
POOLED = [conv(3, padding=1), {"type": "MaxPool1d", "kernel_size": 2}]
DOMAINS = [FREE, WHOLE, LONG, SHORT, EVEN, FOURTH, EIGHT, OTHER, ODD]
BODIES: list[list[Any]] = [[SAME], [conv(3)], [conv(6)], [HALVED], POOLED]
PAIRS: list[Any] = [
    *((([one], body), ([other], body)) for one, other in itertools.permutations(DOMAINS, 2)
      for body in BODIES[:2]),
    *((([domain], one), ([domain], other)) for one, other in itertools.permutations(BODIES, 2)
      for domain in (FREE, WHOLE, LONG, EIGHT)),
]  # fmt: skip


def declared(domain: Tree, time: int) -> bool:
    """Whether a declaration takes so long an input."""
    shape = domain["x"]["shape"] if isinstance(domain["x"], dict) else domain["x"]
    where = domain["x"].get("where", "True") if isinstance(domain["x"], dict) else "True"
    size = shape[2]
    if isinstance(size, int):
        return size == time
    if size in ("4*t", "2*k + 1"):
        found = (n for n in SIZES if eval(size, {"t": n, "k": n}) == time)
        return next(found, None) is not None
    return bool(eval(where, {"time": time}))


def shapes(domain: Tree, network: Network) -> dict[int, tuple[int, ...]]:
    """The shape that comes out for each length that is taken."""
    found = {}
    for time in filter(lambda time: declared(domain, time), SIZES):
        try:
            found[time] = tuple(network(torch.zeros(2, 2, time))[0].shape)
        except RuntimeError:
            continue
    return found


NETWORKS: dict[str, Network] = {}


def network(spec: Tree) -> Network:
    """A network, built once."""
    if repr(spec) not in NETWORKS:
        NETWORKS[repr(spec)] = Network(spec)
    return NETWORKS[repr(spec)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pair", PAIRS, ids=range(len(PAIRS)))
def test_callers_break_where_a_call_does(pair: Any) -> None:
    """For all short lengths, by trying them: what was taken is taken, and gives the same shape."""
    ([one], before), ([other], after) = pair
    specs = [tree(one, *before), tree(other, *after)]
    if any(map(specc.check, specs)):
        return
    worked = shapes(one, network(specs[0]))
    works = shapes(other, network(specs[1]))
    found = [change for change in changes(*specs) if change.kind == "callers"]
    broken = any(works.get(time) != shape for time, shape in worked.items())
    assert any(change.breaks for change in found) == broken, found
    told = {change.code for change in found}
    assert ("narrower" in told or "input-shape" in told) == bool(worked.keys() - works.keys())
    assert ("wider" in told or "input-shape" in told) == bool(works.keys() - worked.keys()), found
    both = worked.keys() & works.keys()
    assert ("output-shape" in told) == any(worked[time] != works[time] for time in both), found


def test_most_pairs_are_held_to_torch() -> None:
    sound = [
        pair
        for pair in PAIRS
        if not any(specc.check(tree(domain, *body)) for [domain], body in pair)
    ]
    assert len(sound) > 0.8 * len(PAIRS)


X = {"x": ["batch", 6]}
FC = {"name": "fc", "type": "Linear", "out_features": 6}
ALIKE: dict[str, tuple[Tree, Tree]] = {
    "another name for a value": (
        tree(X, FC, {"name": "a", "expr": "2 * fc"}, {"expr": "a + fc"}),
        tree(X, FC, {"name": "twice", "expr": "2 * fc"}, {"expr": "twice + fc"}),
    ),
    "a value that is written out": (
        tree(X, FC, {"name": "a", "expr": "fc.relu()"}, {"expr": "a + a"}),
        tree(X, FC, {"expr": "relu(fc) + relu(fc)"}),
    ),
    "a method": (
        tree(X, FC, {"expr": "fc.sum(1, keepdim=True)"}),
        tree(X, FC, {"expr": "sum(fc, dim=1, keepdim=True)"}),
    ),
    "the value before by its name": (
        tree(X, FC, {"type": "Tanh", "inputs": "fc"}),
        tree(X, FC, "Tanh"),
    ),
    "a default that is written": (
        tree(X, {"type": "LayerNorm"}, {"type": "Dropout"}),
        tree(X, {"type": "LayerNorm", "eps": 1e-05, "normalized_shape": [6]}, "Dropout"),
    ),
    "a number that is a param": (
        tree(X, FC, {"expr": "fc * 0.5"}),
        tree(X, FC, {"expr": "fc * share"}, params={"share": 0.5}),
    ),
    "sizes of other names": (
        tree({"x": ["batch", 6]}, FC, {"expr": "fc.reshape(batch * 6)"}),
        tree({"x": ["rows", 6]}, FC, {"expr": "fc.reshape(rows * 6)"}),
    ),
    "a layer by its second call": (
        tree(X, FC | {"call": False, "in_features": 6}, {"expr": "fc(fc(x))"}),
        tree(X, FC, {"expr": "fc(fc)"}),
    ),
    "an absent layer": (tree(X, FC), tree(X, FC, {"type": "Tanh", "when": False})),
    "in place": (
        tree(X, FC, {"type": "ReLU"}),
        tree(X, FC, {"type": "ReLU", "inplace": True}),
    ),
    "a function for its formula": (
        tree(X, FC, {"name": "y", "expr": "Twice(fc)"})
        | {"blocks": {"Twice": {"layers": [{"expr": "x + x"}]}}},
        tree(X, FC, {"name": "z", "expr": "fc + fc"}),
    ),
    "a repeat written out": (
        tree(X, {"name": "s", "layers": [{"type": "Linear", "out_features": 6, "repeat": 2}]}),
        tree(X, {"name": "s", "layers": [{"type": "Linear", "out_features": 6}] * 2}),
    ),
}
"""Pairs that are the same model for everybody."""


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_only_said_otherwise_is_no_change(name: str) -> None:
    for one, other in (ALIKE[name], ALIKE[name][::-1]):
        # A param is an argument of the constructor.
        arguments = ("argument-added", "argument-removed")
        told = [c for c in changes(one, other) if c.code not in arguments and c.breaks]
        assert told == []
        assert {change.kind for change in changes(one, other)} <= {"callers"}
        old, new = Network(one), Network(other)
        assert loads(old, new)
        sample = [(torch.randn(3, 6),)]
        for training in (False, True):
            mine, others = (outputs(n, sample, training=training) for n in (old, new))
            assert are_same(mine, others)


DIFFERENT: dict[str, tuple[Tree, Tree]] = {
    "order of layers": (tree(X, FC, "Tanh", "GELU"), tree(X, FC, "GELU", "Tanh")),
    "order of operands": (tree(X, FC, {"expr": "fc - x"}), tree(X, FC, {"expr": "x - fc"})),
    "eps": (
        tree(X, {"type": "LayerNorm", "eps": 1e-5}),
        tree(X, {"type": "LayerNorm", "eps": 0.1}),
    ),
    "which layer is read": (
        tree(X, FC, FC | {"name": "more", "inputs": "x"}, {"expr": "fc - 2 * more"}),
        tree(X, FC, FC | {"name": "more", "inputs": "x"}, {"expr": "more - 2 * fc"}),
    ),
    "a dimension": (
        tree(X, FC, {"type": "Softmax", "dim": 1}),
        tree(X, FC, {"type": "Softmax", "dim": 0}),
    ),
    "a number": (tree(X, FC, {"expr": "fc * 2"}), tree(X, FC, {"expr": "fc * 3"})),
    "a param": (
        tree(X, FC, {"expr": "fc * a"}, params={"a": 2}),
        tree(X, FC, {"expr": "fc * a"}, params={"a": 3}),
    ),
    "in a block": (
        tree(X, {"type": "B"}) | {"blocks": {"B": {"layers": [FC, "Tanh"]}}},
        tree(X, {"type": "B"}) | {"blocks": {"B": {"layers": [FC, "ReLU"]}}},
    ),
    "how often": (
        tree(X, FC, {"type": "Tanh", "repeat": 2}),
        tree(X, FC, {"type": "Tanh", "repeat": 3}),
    ),
    "a loop": (
        tree(X, FC, {"scan": 2, "carry": {"h": "fc"}, "outputs": "h",
                     "layers": [{"name": "h", "expr": "h + x"}]}),
        tree(X, FC, {"scan": 2, "carry": {"h": "fc"}, "outputs": "h",
                     "layers": [{"name": "h", "expr": "h - x"}]}),
    ),
    "a buffer that is not kept": (
        tree(X, {"name": "b", "type": "Buffer", "value": [1.0], "persistent": False},
             {"expr": "x * b"}),
        tree(X, {"name": "b", "type": "Buffer", "value": [2.0], "persistent": False},
             {"expr": "x * b"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_another_computation_is_found(name: str) -> None:
    for one, other in (DIFFERENT[name], DIFFERENT[name][::-1]):
        found = changes(one, other)
        # The constructor's default is another one, too.
        told = {change.kind for change in found if change.code != "argument"}
        assert told == {"numerics"}
        assert all(change.new is None for change in found)
        old, new = Network(one), Network(other)
        assert loads(old, new)
        sample: list[tuple[Tensor]] = [(torch.randn(3, 6),)]
        assert not are_same(*(outputs(n, sample, training=False) for n in (old, new)))
