"""Random arithmetic, as trees that plain integers and sizes evaluate alike."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import strategies as st

from specc.spec.tensor.dim import Dim, Symbol

NAMES = ("height", "width", "batch")
OPERATIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
}


@dataclass(frozen=True)
class Node:
    """`left op right`; leaves are names and ints."""

    op: str
    left: Any
    right: Any


def compute(tree: Any, values: Mapping[str, Any]) -> Any:
    """The tree's value with Python's own operators on whatever `values` holds."""
    if isinstance(tree, Node):
        left, right = compute(tree.left, values), compute(tree.right, values)
        return OPERATIONS[tree.op](left, right)
    return values[tree] if isinstance(tree, str) else tree


def trees(names: tuple[str, ...] = NAMES, max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Trees over the names; divisors are small positive numbers."""
    leaves = st.one_of(st.sampled_from(names), st.integers(-6, 9))

    def grow(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        ring = st.builds(Node, st.sampled_from("+-*"), children, children)
        divided = st.builds(Node, st.sampled_from(["//", "%"]), children, st.integers(1, 6))
        return st.one_of(ring, divided)

    return st.recursive(leaves, grow, max_leaves=max_leaves)


@st.composite
def symbols(draw: st.DrawFn, names: tuple[str, ...] = NAMES) -> dict[str, Symbol]:
    """The names as symbols with bounds of all kinds."""
    found = {}
    for name in names:
        low = draw(st.sampled_from([1, 1, 1, 0, 2, -1]))
        high = draw(st.sampled_from([None, None, low, low + 2, low + 5]))
        found[name] = Symbol(name, low, high)
    return found


def sizes(found: Mapping[str, Symbol]) -> dict[str, Dim]:
    """The symbols as sizes."""
    return {name: Dim.of(symbol) for name, symbol in found.items()}


def box(found: Mapping[str, Symbol], reach: int) -> list[dict[str, int]]:
    """All sizes up to `reach` above the minima: by their sum, then in the names' order."""
    names = sorted(found)
    ranges = []
    for name in names:
        high = found[name].minimum + reach
        most = found[name].maximum
        if most is not None:
            high = min(high, most)
        ranges.append(range(found[name].minimum, high + 1))
    ordered = sorted(product(*ranges), key=lambda point: (sum(point), point))
    return [dict(zip(names, point, strict=True)) for point in ordered]
