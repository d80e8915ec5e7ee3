"""A class for uses that differ does for each use what a class for that use alone does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from compared import Network, assert_same_tensor, state_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import specc

ROOT = Path(__file__).parent.parent
RUFF = ROOT / "templates" / "runtime" / "ruff.toml"
Entry = dict[str, Any]
Flags = dict[str, bool]
WHEN = st.sampled_from([None, None, "a", "b", "not a", "a and b"])
MODULES: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"type": "Linear", "out_features": 4},
        {"type": "BatchNorm1d"},
        {"type": "Tanh"},
        {"type": "Pair", "inputs": ["_", "x"]},
        {"type": "Linear", "out_features": 4, "repeat": 2},
    ]
)


@st.composite
def modules(draw: st.DrawFn) -> Entry:
    """A module or a block, in some uses perhaps."""
    entry: dict[str, Any] = {**draw(MODULES)}
    when = draw(WHEN)
    return {**entry, "when": when} if when else entry


@st.composite
def containers(draw: st.DrawFn) -> Entry:
    """A container, in some uses perhaps, as some of its children are."""
    children = draw(st.lists(modules(), min_size=1, max_size=4))
    if draw(st.booleans()):
        children = [{**child, "name": f"c{place}"} for place, child in enumerate(children)]
    if draw(st.booleans()):
        children.append({"expr": "_ + x"})
    entry: Entry = {"layers": children}
    when = draw(WHEN)
    return {**entry, "when": when} if when else entry


@st.composite
def blocks(draw: st.DrawFn) -> list[Entry]:
    """The layers of a block; each is read by the next and by the last."""
    entries = draw(st.lists(st.one_of(modules(), containers()), min_size=1, max_size=4))
    named = [{**entry, "name": f"n{place}"} for place, entry in enumerate(entries)]
    kept = [entry["name"] for entry in named if draw(st.booleans())]
    # All params are read, whatever was drawn.
    both = {"type": "Identity", "when": "a or b"}
    return [both, *named, {"expr": " + ".join(["_", "x", *kept])}]


FLAGS = st.lists(
    st.fixed_dictionaries({"a": st.booleans(), "b": st.booleans()}), min_size=2, max_size=3
)


def spec(layers: list[Entry], uses: list[Flags]) -> Entry:
    """A model of uses of a block."""
    pair = [{"type": "Bilinear", "out_features": 4, "inputs": ["x", "y"]}]
    used = [{"type": "Block", "name": f"use{place}", **flags} for place, flags in enumerate(uses)]
    found = {"Block": {"params": {"a": "bool", "b": "bool"}, "layers": layers}}
    if '"Pair"' in repr(layers).replace("'", '"'):
        found["Pair"] = {"inputs": ["x", "y"], "layers": pair}
    return {"model": {"name": "Net", "inputs": {"x": ["n", 4]}, "layers": used}, "blocks": found}


BOTH = {"type": "Identity", "when": "a or b", "keep": True}
LINEAR = {"type": "Linear", "out_features": 4}
PAIR = {"type": "Pair", "inputs": ["_", "x"]}
TWO_USES = [{"a": False, "b": False}, {"a": True, "b": False}]
# What the first entry of a container takes is still read, and its last entry takes another value.
LAST_OF_A_CONTAINER = [
    BOTH,
    {**LINEAR, "name": "n0"},
    {"layers": [LINEAR, PAIR], "when": "a", "name": "n1"},
    {**LINEAR, "name": "n2"},
    {"expr": "_ + x + n0"},
]
# A repeat stands at one number in all uses that have it, others before it are in other uses.
REPEAT_BEHIND_ANOTHER = [
    BOTH,
    {
        "layers": [LINEAR, {**PAIR, "when": "a"}, {**LINEAR, "repeat": 2, "when": "not a"}],
        "name": "n",
    },
    {"expr": "_ + x"},
]
# A value of an entry that is not always there is read after the next such entry.
READ_AGAIN = [
    BOTH,
    {**LINEAR, "repeat": 2, "when": "not a", "name": "n0", "inputs": "x + x"},
    {**LINEAR, "repeat": 2, "when": "a", "name": "n1"},
    {"expr": "_ + x + n0 + n1"},
]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks(), FLAGS)
@example(LAST_OF_A_CONTAINER, TWO_USES)
@example(REPEAT_BEHIND_ANOTHER, TWO_USES)
@example(READ_AGAIN, TWO_USES)
def test_uses_of_one_class_equal_classes_of_their_own(
    layers: list[Entry], uses: list[Flags]
) -> None:
    tree = spec(layers, uses)
    problems = specc.check(tree)
    alone = [Network(spec(layers, [flags])) for flags in uses]
    if problems:
        # Only numbers in a container can be what one code can't say.
        assert {problem.message.partition(": ")[2] for problem in problems} <= REFUSED
        return
    network = Network(tree)
    for place, own in enumerate(alone):
        one, other = network.module.get_submodule(f"use{place}"), own.module.get_submodule("use0")
        assert state_of(one) == state_of(other)
        other.load_state_dict(one.state_dict())
        for training in (True, False):
            one.train(training)
            other.train(training)
            x = torch.randn(3, 4)
            assert_same_tensor(one(x), other(x), network.files["model.py"])


REFUSED = {"this entry has another number in some"}


@pytest.mark.slow
@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(blocks(), FLAGS), min_size=12, max_size=12))
def test_the_output_is_clean(tmp_path_factory: Any, drawn: list[tuple[list[Entry], Any]]) -> None:
    folder: Path = tmp_path_factory.mktemp("built")
    for place, (layers, uses) in enumerate(drawn):
        tree = spec(layers, uses)
        if not specc.check(tree):
            specc.build(tree, folder / f"net{place}")
    tools = (
        ("ruff", "format", "--check", "--diff", "--config", RUFF, folder),
        ("ruff", "check", "--config", RUFF, folder),
        ("mypy", "--strict", "--python-version", "3.11", folder),
    )
    for tool in tools:
        command = [sys.executable, "-m", *map(str, tool)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
