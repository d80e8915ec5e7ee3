"""Specs to try, each told by a seed and a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from .corpus import Seed, seeds
from .formulas import formula
from .known import drawn, types
from .mutate_text import mutated_bytes, mutated_text
from .mutate_tree import Tree, mutated_tree
from .trees import as_json, as_toml

_SHAPES: tuple[list[object], ...] = (
    ["batch", 8],
    ["batch", 8],
    ["batch", "time", 8],
    ["batch", 3, "height", "width"],
    ["batch", 3, 16, 16],
    ["batch", 4, "length"],
    [2, 3],
    ["batch", 2, 4, 4, 4],
    ["n"],
)


_WITHIN = ("lists", "random", "make_", "load_")
"""How the sources begin whose data need no file."""


@dataclass(frozen=True)
class Case:
    """A spec as bytes. way: how it was made."""

    data: bytes
    format: str
    way: str
    tree: Tree | None = None


def case(number: int, seed: int, kept: Sequence[Seed] = ()) -> Case:
    """The spec of a number. kept: interesting ones that were found, to go on from."""
    random = Random(f"{seed} {number}")
    pool = [one for one in seeds() if one.tree is not None]
    one, other = (_chosen(random, kept, pool) for _ in range(2))
    share = random.random()
    if share < 0.12:
        return written(_of_training(random, other.tree or {}), random, "training")
    if share < 0.25:
        return written(random_tree(random), random, "random")
    if share < 0.8 and one.tree is not None:
        return written(mutated_tree(one.tree, random, other.tree or {}), random, "tree")
    texts = [one for one in (one, other) if one.text] or [random.choice(seeds()[:30])]
    text, source = texts[0].text, texts[-1].text
    if share < 0.84:
        return Case(mutated_bytes(text, random), texts[0].format, "bytes")
    data = mutated_text(text, random, source).encode("utf-8", "replace")
    return Case(data, texts[0].format, "text")


def _of_training(random: Random, other: Tree) -> Tree:
    """A spec whose data are in it, with changes of everything but the model."""
    tree = random.choice(_self_contained())
    beside = {key: one for key, one in tree.items() if key not in ("model", "blocks")}
    return {**tree, **mutated_tree(beside, random, other, most=2)}


@cache
def _self_contained() -> tuple[Tree, ...]:
    """The specs whose data need no file."""
    found = [one.tree for one in seeds() if one.tree is not None and "model" in one.tree]
    return tuple(tree for tree in found if str(_source(tree)).startswith(_WITHIN))


def _source(tree: Tree) -> object:
    data = tree.get("data")
    return data.get("type") if isinstance(data, dict) else None


def _chosen(random: Random, kept: Sequence[Seed], pool: Sequence[Seed]) -> Seed:
    return random.choice(kept if kept and random.random() < 0.4 else pool)


def written(tree: Tree, random: Random, way: str) -> Case:
    """A tree in either format."""
    format = random.choice(("toml", "json"))
    text = as_toml(tree) if format == "toml" else as_json(tree)
    return Case(text.encode("utf-8", "replace"), format, way, tree)


def random_tree(random: Random) -> Tree:
    """A network of a few entries of any type and any functions."""
    shape = random.choice(_SHAPES)
    table: object = shape
    if random.random() < 0.15:
        table = {"shape": shape, "dtype": random.choice(("int64", "bool", "float64", "complex64"))}
    names = ["x"]
    layers: list[object] = []
    for number in range(random.choice((1, 1, 1, 2, 2, 3))):
        name = f"n{number}"
        if random.random() < 0.5:
            text = formula(random, ["_", *names], random.choice((1, 1, 2)))
            layers.append({"name": name, "expr": text})
        else:
            entry = drawn("layers", random.choice(types("layers")), random, 0.15)
            layers.append({"name": name, **entry})
        names.append(name)
    return {"model": {"name": "Net", "inputs": {"x": table}, "layers": layers}}
