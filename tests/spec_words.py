"""Sizes as texts, and what else the drawing of specs shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[str, ...]
Entry = dict[str, Any]

ATOM = re.compile(r"[A-Za-z_]\w*(?:\.shape\[\d\])?")
# Names that the generated code might have chosen for itself, among plain ones.
NAMES = (
    *("a", "b", "left", "right", "hidden", "stem", "x", "out", "out2", "layer", "relu1"),
    *("linear", "linear1", "block", "module", "name", "path", "parameter", "i", "n", "output"),
    *("state", "Tensor_", "conv1", "self_", "wide", "wide_layer", "narrow", "identity"),
)
ACTIVATIONS: tuple[Entry, ...] = (
    *({"type": name} for name in ("ReLU", "Tanh", "Sigmoid", "SiLU", "ELU", "Softplus", "Mish")),
    {"type": "GELU", "approximate": "tanh"},
    {"type": "LeakyReLU", "negative_slope": 0.2},
    {"type": "LeakyReLU", "negative_slope": "1 / 8"},
    {"type": "Identity"},
    {"type": "ELU", "alpha": 0.5},
    {"type": "Dropout", "p": 0.3},
)
ELEMENTWISE = (
    *("relu(_)", "tanh(_)", "_.sigmoid()", "-_", "2 * _ + 1", "_ ** 2 / 4", "_ - _.mean()"),
    *("where(_ > 0, _, 0.1 * _)", "clamp(_, -1, 1)", "_.abs().sqrt() if 2 > 1 else _"),
    *("_ * sigmoid(_)", "gelu(_, approximate='tanh')", "(_ + 1) * (_ - 1)", "exp(-_ ** 2)"),
    *("maximum(_, _ * 0.5)", "leaky_relu(_, negative_slope=0.3)", "_ / (1 + _.abs())"),
    *("dropout(_, 0.0, training=training)", "_.clamp(min=-2.0)", "_.pow(2) + pi", "softplus(_)"),
)


def atoms(size: str) -> set[str]:
    """The words of a size."""
    return set(ATOM.findall(size))


def substitute(size: str, words: Mapping[str, str]) -> str:
    """A size in other words, computed where it is a plain number."""

    def word(match: re.Match[str]) -> str:
        made = words[match[0]]
        return made if re.fullmatch(r"\w+(\.shape\[\d\])?", made) else f"({made})"

    return computed(ATOM.sub(word, size))


def computed(size: str) -> str:
    """A formula, or its value if it has no words."""
    return size if atoms(size) else str(eval(size))


@dataclass
class Value:
    """A value that can be read by name."""

    name: str
    shape: Shape


@dataclass
class Callee:
    """A layer without left-out arguments that can be called again."""

    name: str
    takes: Shape
    gives: Shape


@dataclass
class BlockPlan:
    """A block that was drawn: how to use it.

    shape, words: its input, in its own words. static: the words that must be numbers at build.
    params: their values, the default first. required: those without a default.
    constants: params that follow from others.
    """

    name: str
    inputs: tuple[str, ...]
    shape: Shape
    static: frozenset[str]
    params: dict[str, tuple[int, ...]]
    required: tuple[str, ...]
    outputs: tuple[tuple[str, Shape], ...]
    constants: dict[str, str] = field(default_factory=dict)
