"""Drawn expressions that depend on what is known only at run time, held against their meaning.

The meaning is an interpreter of the drawn trees, which computes with tensors as Python would.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from compared import Network, assert_same_tensor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

import specc

Tree = tuple[Any, ...]
Value = Tensor | None
NAMES = st.sampled_from([("x",), ("y",), ("mask",), ("x.sum(dim=1)",), ("None",)])
FACTS = st.sampled_from([("training",), ("mask is None",), ("mask is not None",), ("flag",)])


def conditions(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Conditions made of others."""
    several = st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    return st.one_of(st.tuples(st.just("not"), inner), several)


CONDITIONS = st.recursive(FACTS, conditions, max_leaves=3)


def tensors(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Expressions made of others."""
    return st.one_of(
        st.tuples(st.sampled_from(["relu", "dropout"]), inner),
        st.tuples(st.just("+"), inner, inner),
        st.tuples(st.just("if"), inner, CONDITIONS, inner),
        st.tuples(st.just("if"), inner, CONDITIONS, inner),
    )


TREES = st.recursive(NAMES, tensors, max_leaves=6)


def text(tree: Tree) -> str:
    """A tree as the spec writes it."""
    match tree:
        case ("relu", a):
            return f"relu({text(a)})"
        case ("dropout", a):
            return f"dropout({text(a)}, 0.5, training=training)"
        case ("not", a):
            return f"(not {text(a)})"
        case ("and" | "or" | "+" as op, a, b):
            return f"({text(a)} {op} {text(b)})"
        case ("if", a, test, b):
            return f"({text(a)} if {text(test)} else {text(b)})"
    return str(tree[0])


class Case:
    """What holds in one run. sides: the types of both sides of each conditional expression."""

    def __init__(self, inputs: dict[str, Value], training: bool, sides: Any) -> None:
        self.inputs = inputs
        self.training = training
        self.sides = sides

    def holds(self, tree: Tree) -> bool:
        match tree:
            case ("not", a):
                return not self.holds(a)
            case ("and", a, b):
                return self.holds(a) and self.holds(b)
            case ("or", a, b):
                return self.holds(a) or self.holds(b)
            case ("training",):
                return self.training
            case ("flag",):
                return True
        return bool((self.inputs["mask"] is None) == (tree[0] == "mask is None"))

    def value(self, tree: Tree, place: tuple[int, ...] = ()) -> Any:
        """What a tree gives. Raises TypeError or RuntimeError where it gives nothing."""
        match tree:
            case ("relu", a):
                return F.relu(self.value(a, (*place, 1)))
            case ("dropout", a):
                return F.dropout(self.value(a, (*place, 1)), 0.5, training=self.training)
            case ("+", a, b):
                return self.value(a, (*place, 1)) + self.value(b, (*place, 2))
            case ("if", a, test, b):
                taken = self.holds(test)
                value = self.value(a, (*place, 1)) if taken else self.value(b, (*place, 2))
                self.sides[place, taken].add(kind(value))
                return value
            case ("None",):
                return None
            case ("x.sum(dim=1)",):
                x = self.inputs["x"]
                assert x is not None
                return x.sum(dim=1)
        return self.inputs[tree[0]]


def kind(value: Value) -> tuple[int, ...] | None:
    """The type of a value."""
    return None if value is None else tuple(value.shape)


SAMPLES = {"x": torch.randn(3, 5), "y": torch.randn(3, 5), "mask": torch.randn(3, 5)}


def meaning(tree: Tree) -> dict[tuple[bool, bool], Value] | None:
    """What a tree gives in each case (trains, is given); None where it is not to be accepted."""
    sides: defaultdict[Any, set[Any]] = defaultdict(set)
    found = {}
    for training, is_given in product((False, True), repeat=2):
        inputs: dict[str, Value] = {**SAMPLES, "mask": SAMPLES["mask"] if is_given else None}
        torch.manual_seed(0)
        try:
            found[training, is_given] = Case(inputs, training, sides).value(tree)
        except (TypeError, RuntimeError, AttributeError):
            return None
    for place, _ in list(sides):
        pairs = product(sides[place, True] - {None}, sides[place, False] - {None})
        if any(one != other for one, other in pairs):
            return None
    kinds = {kind(value) for value in found.values()}
    in_training = {kind(found[True, is_given]) for is_given in (False, True)}
    # What is there in training only may be an output, whatever the mask.
    if kinds == {*in_training, None} and None not in in_training and "mask" not in text(tree):
        kinds = in_training if found[False, False] is None else {None}
    return found if len(kinds) == 1 and None not in kinds else None


def spec(*trees: Tree) -> dict[str, Any]:
    """A model that gives what trees give; all inputs are read in any case."""
    read = {"name": "read", "expr": "x + y if mask is None else x + y + mask"}
    entries = [{"name": f"v{i}", "expr": text(tree)} for i, tree in enumerate(trees)]
    optional = {"shape": [3, 5], "optional": True}
    return {
        "model": {
            "name": "Net",
            "params": {"flag": True},
            "require": "flag",
            "inputs": {"x": [3, 5], "y": [3, 5], "mask": optional},
            "layers": [read, *entries],
            "outputs": ["read", *(entry["name"] for entry in entries)],
        }
    }


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_accepted_is_what_has_one_meaning_in_all_cases(tree: Tree) -> None:
    problems = specc.check(spec(tree))
    assert (meaning(tree) is not None) == (not problems), (text(tree), problems)
    assert not any("is none" in problem.message for problem in problems)


@pytest.mark.slow
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TREES, min_size=60, max_size=60))
def test_what_is_built_means_the_same(tmp_path_factory: Any, trees: list[Tree]) -> None:
    sound = [tree for tree in trees if meaning(tree) is not None]
    network = Network(spec(*sound))
    module = network.module
    for training, is_given in product((False, True), repeat=2):
        module.train(training)
        for place, tree in enumerate(sound):
            wanted = meaning(tree)
            assert wanted is not None
            single = Network(spec(tree)) if "dropout" in text(tree) else network
            single.module.train(training)
            torch.manual_seed(0)
            given = SAMPLES["mask"] if is_given else None
            made = single.module(SAMPLES["x"], SAMPLES["y"], given)
            output = made[1] if single is not network else made[place + 1]
            assert_same_tensor(output, wanted[training, is_given], text(tree))
    folder: Path = tmp_path_factory.mktemp("built")
    (folder / "model.py").write_text(network.files["model.py"], "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + network.files["model.py"]
