"""Expressions as data, as they were written. Every node knows its range in the string.

The grammar is Python's expression grammar without lambdas, comprehensions, assignments, f-strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from types import EllipsisType
from typing import TypeAlias

Range = tuple[int, int]
"""Start and end in code points of the decoded string."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: a number, a boolean, a string, None, or `...`."""

    value: int | float | bool | str | EllipsisType | None
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name, not yet bound."""

    id: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value.attr`."""

    value: Expression
    attr: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`func(args, name=value)`."""

    func: Expression
    args: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[index]`; several indices are a `Sequence`."""

    value: Expression
    index: Expression
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """`lower:upper:step` inside a subscript."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple, or a list where `bracket` is `[`."""

    items: tuple[Expression, ...]
    bracket: str
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x`, `~x`, `not x`."""

    op: str
    operand: Expression
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`."""

    left: Expression
    op: str
    right: Expression
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`operands[0] ops[0] operands[1] …`."""

    operands: tuple[Expression, ...]
    ops: tuple[str, ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`a and b and c`, or with `or`."""

    op: str
    values: tuple[Expression, ...]
    at: Range = field(compare=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression
    at: Range = field(compare=False)


Expression: TypeAlias = (
    Constant
    | Name
    | Attribute
    | Call
    | Subscript
    | Slice
    | Sequence
    | Unary
    | Binary
    | Compare
    | Boolean
    | Conditional
)


def children(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside a node, in the order written."""
    for part in fields(node):
        yield from _nodes(getattr(node, part.name))


def _nodes(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def walk(node: Expression) -> Iterator[Expression]:
    """A node and everything inside it."""
    yield node
    for child in children(node):
        yield from walk(child)


def dotted(node: Expression) -> str | None:
    """`a.b.c` as text where a node is nothing but names and dots."""
    if isinstance(node, Name):
        return node.id
    if isinstance(node, Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else None
    return None
