"""What the drawing of specs shares: names, sizes, plans of blocks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from reference_layers import LITERALS

Entry = dict[str, Any]

# Names that the generated code might have chosen for itself, among plain ones.
NAMES = (
    *("a", "b", "left", "right", "hidden", "stem", "x", "out", "out2", "layer", "relu1"),
    *("linear", "linear1", "block", "module", "name", "path", "parameter", "i", "n", "output"),
    *("state", "Tensor_", "conv1", "self_", "wide", "wide_layer", "narrow", "identity", "tanh"),
    *("relu", "zeros", "layers", "first", "index_", "count", "weight", "bias", "h_n", "F_", "mean"),
)

# The sizes of samples; every drawn spec is sound for these.
SIZES: tuple[dict[str, int], ...] = (
    {"batch": 3, "height": 19, "width": 16, "time": 9, "h": 4, "w": 5, "rows": 6},
    {"batch": 2, "height": 16, "width": 25, "time": 12, "h": 5, "w": 4, "rows": 11},
    {"batch": 5, "height": 21, "width": 33, "time": 6, "h": 6, "w": 7, "rows": 7},
)

WORD = re.compile(r"[A-Za-z_]\w*")
NO_EXPRESSIONS = {"type", "name", "parametrize", *LITERALS}


@dataclass(frozen=True)
class BlockPlan:
    """A block that was drawn: how to use it.

    rank: the number of dimensions of its inputs. params: values for each that a use may give.
    required: those without a default. is_function: it may be called in an expression.
    has_optional: its second input may be left out.
    """

    name: str
    inputs: tuple[str, ...]
    rank: int
    params: Mapping[str, tuple[Any, ...]]
    required: tuple[str, ...]
    outputs: tuple[str, ...]
    is_function: bool = False
    has_optional: bool = False


def texts(value: Any) -> Iterator[str]:
    """The strings of entries that may be read as expressions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts([item for key, item in value.items() if key not in NO_EXPRESSIONS])
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def types(layers: list[Any]) -> set[str]:
    """The types that entries name."""
    found = set()
    for entry in layers:
        whole = entry if isinstance(entry, dict) else {"type": entry}
        found |= {whole.get("type", "")} | types(whole.get("layers", []))
    return found


def words(value: Any) -> set[str]:
    """The names that stand in entries."""
    return {word for text in texts(value) for word in WORD.findall(text)}


def reads(value: Any) -> set[str]:
    """The values that entries read: no functions, methods and attributes."""
    found = set()
    for text in texts(value):
        nodes = list(ast.walk(_parsed(text)))
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        found |= {n.id for n in nodes if isinstance(n, ast.Name) and id(n) not in called}
    return found


@cache
def _parsed(text: str) -> ast.Expression:
    return ast.parse(text, mode="eval")
