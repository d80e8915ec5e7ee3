"""Edits of drawn specs, and what torch says that they change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any

import torch
from compared import Network, assert_same_tensor
from spec_strategies import OTHERS, Drawn
from torch import Tensor

import specc
from specc.compiler.diff.change import Change
from specc.compiler.diff.compare import Comparison, compare
from specc.interface import checked_spec

Tree = dict[str, Any]
ACTIVATIONS = ("Tanh", "Sigmoid", "ReLU", "GELU", "SiLU", "Softsign")


def comparison(old: Tree, new: Tree) -> Comparison:
    """What `specc diff` finds between two sound trees."""
    one, document = checked_spec(old, None, ())
    other, new_document = checked_spec(new, None, ())
    return compare(one, other, document, new_document)


def changes(old: Tree, new: Tree) -> tuple[Change, ...]:
    """The changes alone."""
    return comparison(old, new).changes


def lists_of_layers(tree: Tree) -> Iterator[list[Any]]:
    """Every list of entries of a spec."""
    waiting = [tree["model"], *tree.get("blocks", {}).values()]
    while waiting:
        section = waiting.pop()
        yield section["layers"]
        waiting += [e for e in section["layers"] if isinstance(e, dict) and "layers" in e]


def _places(tree: Tree) -> list[tuple[list[Any], int]]:
    return [(layers, index) for layers in lists_of_layers(tree) for index in range(len(layers))]


def reordered_keys(tree: Tree, random: Random) -> bool:
    for layers, index in _places(tree):
        if isinstance(layers[index], dict):
            layers[index] = dict(reversed(layers[index].items()))
    return True


def renamed(tree: Tree, random: Random) -> bool:
    """Another name for a layer, and wherever it is read; `renamed_from` says so."""
    named = [
        layers[index]
        for layers, index in _places(tree)
        if isinstance(layers[index], dict)
        and isinstance(layers[index].get("name"), str)
        and "expr" not in layers[index]
        and "{" not in layers[index]["name"]
        and not layers[index]["name"].isdigit()
    ]
    if not named:
        return False
    entry = random.choice(named)
    was, entry["name"] = entry["name"], "another"
    _replace_word(tree, was, "another")
    entry["renamed_from"] = was
    return True


def _replace_word(value: Any, was: str, now: str) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        if isinstance(item, str) and key not in ("type", "name", "renamed_from"):
            value[key] = re.sub(rf"(?<![\w.]){was}(?!\w)(?!\s*=[^=])", now, item)
        elif isinstance(item, dict | list):
            _replace_word(item, was, now)


def activation(tree: Tree, random: Random) -> bool:
    found = []
    for layers, index in _places(tree):
        entry = layers[index]
        if entry in ACTIVATIONS or (isinstance(entry, dict) and entry.get("type") in ACTIVATIONS):
            found.append((layers, index))
    if not found:
        return False
    layers, index = random.choice(found)
    entry = layers[index] if isinstance(layers[index], dict) else {"type": layers[index]}
    others = [name for name in ACTIVATIONS if name != entry["type"]]
    layers[index] = {**entry, "type": random.choice(others)}
    layers[index].pop("inplace", None)
    return True


def argument(tree: Tree, random: Random) -> bool:
    """Another number or flag among a layer's arguments."""
    found = []
    for layers, index in _places(tree):
        entry = layers[index]
        for key, value in entry.items() if isinstance(entry, dict) else ():
            if isinstance(value, bool | int | float) and key not in ("repeat", "keep"):
                found.append((entry, key))
    if not found:
        return False
    entry, key = random.choice(found)
    value = entry[key]
    entry[key] = not value if isinstance(value, bool) else value + 1
    return True


def inserted(tree: Tree, random: Random) -> bool:
    layers, index = random.choice(_places(tree))
    entries: list[Any] = ["Tanh", "LayerNorm", {"type": "LayerNorm", "name": "more"}]
    layers.insert(index, random.choice([*entries, {"type": "Linear", "out_features": 6}]))
    return True


def removed(tree: Tree, random: Random) -> bool:
    layers, index = random.choice(_places(tree))
    del layers[index]
    return bool(layers)


def swapped(tree: Tree, random: Random) -> bool:
    layers, index = random.choice(_places(tree))
    if index == 0:
        return False
    layers[index - 1], layers[index] = layers[index], layers[index - 1]
    return True


def expression(tree: Tree, random: Random) -> bool:
    found = [
        layers[index]
        for layers, index in _places(tree)
        if isinstance(layers[index], dict) and " + " in layers[index].get("expr", "")
    ]
    if not found:
        return False
    entry = random.choice(found)
    entry["expr"] = entry["expr"].replace(" + ", " - ", 1)
    return True


def default(tree: Tree, random: Random) -> bool:
    params = tree["model"].get("params", {})
    numbers = [name for name, value in params.items() if type(value) is int]
    if not numbers:
        return False
    params[random.choice(numbers)] += 2
    return True


EDITS: dict[str, Callable[[Tree, Random], bool]] = {
    "reordered keys": reordered_keys,
    "renamed": renamed,
    "activation": activation,
    "argument": argument,
    "inserted": inserted,
    "removed": removed,
    "swapped": swapped,
    "expression": expression,
    "default": default,
}


def edited(tree: Tree, edit: str, random: Random) -> Tree | None:
    """A sound spec that an edit makes of another one, if one is found."""
    for _ in range(8):
        new = deepcopy(tree)
        if EDITS[edit](new, random) and not specc.check(new):
            return new
    return None


def loads(old: Network, new: Network) -> bool:
    """Whether the new model takes the old one's weights as they are."""
    try:
        new.module.load_state_dict(old.module.state_dict())
    except RuntimeError:
        return False
    return True


Outputs = tuple[Tensor | None, ...]


def outputs(network: Network, samples: Sequence[Any], *, training: bool) -> list[Outputs]:
    """What a network gives for some inputs, drawn numbers alike."""
    kept = {name: tensor.clone() for name, tensor in network.module.state_dict().items()}
    network.module.train(training)
    found = []
    for sample in samples:
        torch.manual_seed(0)
        found.append(network(*(None if t is None else t.detach().clone() for t in sample)))
    network.module.load_state_dict(kept)
    return found


def are_same(one: Sequence[Outputs], other: Sequence[Outputs]) -> bool:
    """Whether outputs are the same bit for bit."""
    try:
        for mine, others in zip(one, other, strict=True):
            for left, right in zip(mine, others, strict=True):
                assert_same_tensor(left, right, "outputs")
    except (AssertionError, ValueError, RuntimeError):
        return False
    return True


def assert_true(spec: Drawn, old_tree: Tree, new_tree: Tree) -> Mapping[str, bool]:
    """What is said of two specs is what torch says of their packages."""
    found = changes(old_tree, new_tree)
    breaks = {change.kind for change in found if change.breaks}
    differs = {change.kind for change in found}
    old, new = Network(old_tree), Network(new_tree)
    taken = loads(old, new)
    # A tie loads, and loses one of two values.
    lost = any(change.code == "tied" for change in found)
    assert taken == ("checkpoints" not in breaks) or lost, found
    if "callers" in breaks or not taken:
        return {"loads": taken, "calls": "callers" not in breaks, "same": False}
    samples = [spec.sample(sizes, seed) for seed, sizes in enumerate(OTHERS)]
    same = True
    for training in (False, True):
        mine = outputs(old, samples, training=training)
        others = outputs(new, samples, training=training)
        for one, other in zip(mine, others, strict=True):
            assert len(one) == len(other)
            assert [t if t is None else (t.shape, t.dtype) for t in one] == [
                t if t is None else (t.shape, t.dtype) for t in other
            ], found
        same &= are_same(mine, others)
    assert same or "numerics" in differs, found
    return {"loads": taken, "calls": True, "same": same}
