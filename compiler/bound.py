"""Expressions with their names bound: what `resolve` makes of the nodes of `spec.expression`.

Constants, operators, subscripts and brackets stay what they were; names, attributes and calls
become one of the nodes here, so that no later stage looks up a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias

from ..spec.expression.nodes import (
    Binary,
    Boolean,
    Compare,
    Conditional,
    Constant,
    Range,
    Sequence,
    Slice,
    Subscript,
    Unary,
)
from ..spec.source import Path


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the model or block."""

    name: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an earlier entry; `output` picks one of several by name or by number."""

    entry: Path
    output: str | int | None
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Param:
    """A param of the block, or of the model."""

    name: str
    owner: Literal["block", "model"]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Size:
    """A size that a declared shape binds."""

    name: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A constant of mathematics (`pi`), `training`, or a repeat's `index`."""

    name: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """`value.shape` or `value.dtype`, or a limit of `finfo(...)`."""

    value: Bound
    name: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """A parameter or buffer of an earlier layer: `fc.weight`."""

    entry: Path
    name: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call of a function by its dotted name."""

    name: str
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A call of a tensor's method."""

    receiver: Bound
    name: str
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class LayerCall:
    """A call of an earlier layer, with the same weights."""

    entry: Path
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Gradient:
    """`grad(y, x)`: the derivative of `y.sum()` with respect to `x`."""

    of: Bound
    by: Bound
    at: Range = field(compare=False)


Bound: TypeAlias = (
    Constant
    | Input
    | Value
    | Param
    | Size
    | Named
    | Property
    | State
    | FunctionCall
    | MethodCall
    | LayerCall
    | Gradient
    | Subscript
    | Slice
    | Sequence
    | Unary
    | Binary
    | Compare
    | Boolean
    | Conditional
)


def walk(node: object) -> Iterator[Bound]:
    """A bound expression and everything inside it, in the order written."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif isinstance(node, Bound):
        yield node
        for part in fields(node):
            if part.name not in ("entry", "at"):
                yield from walk(getattr(node, part.name))
