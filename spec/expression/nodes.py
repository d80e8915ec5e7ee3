"""Expressions as data, as they were written. Every node knows its range in the string.

The grammar is Python's expression grammar without lambdas, comprehensions, assignments, f-strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import EllipsisType
from typing import Generic, Literal, TypeAlias, TypeVar

from ..record import Record, field

Range = tuple[int, int]
"""Start and end in code points of the decoded string."""

UnaryOperator = Literal["-", "+", "~", "not"]
BinaryOperator = Literal["|", "^", "&", "+", "-", "*", "@", "/", "//", "%", "**"]
CompareOperator = Literal["==", "!=", "<", "<=", ">", ">=", "is", "is not"]
BooleanOperator = Literal["and", "or"]

E = TypeVar("E")
"""What stands inside a node: expressions as written, or with their names bound."""


class Node(Record):
    """Any part of an expression."""


class Constant(Node):
    """A literal: a number, a boolean, a string, None, or `...`."""

    value: int | float | bool | str | EllipsisType | None
    at: Range = field(compare=False)


class Name(Node):
    """A name, not yet bound."""

    id: str
    at: Range = field(compare=False)


class Attribute(Node):
    """`value.attr`."""

    value: Expression
    attr: str
    at: Range = field(compare=False)


class Call(Node):
    """`func(args, name=value)`."""

    func: Expression
    args: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]
    at: Range = field(compare=False)


class Subscript(Node, Generic[E]):
    """`value[index]`; several indices are a `Sequence`."""

    value: E
    index: E
    at: Range = field(compare=False)


class Slice(Node, Generic[E]):
    """`lower:upper:step` inside a subscript."""

    lower: E | None
    upper: E | None
    step: E | None
    at: Range = field(compare=False)


class Sequence(Node, Generic[E]):
    """A tuple, or a list where `bracket` is `[`."""

    items: tuple[E, ...]
    bracket: str
    at: Range = field(compare=False)


class Unary(Node, Generic[E]):
    """`-x`, `+x`, `~x`, `not x`."""

    op: UnaryOperator
    operand: E
    at: Range = field(compare=False)


class Binary(Node, Generic[E]):
    """`left op right`."""

    left: E
    op: BinaryOperator
    right: E
    at: Range = field(compare=False)


class Compare(Node, Generic[E]):
    """`operands[0] ops[0] operands[1] …`."""

    operands: tuple[E, ...]
    ops: tuple[CompareOperator, ...]
    at: Range = field(compare=False)


class Boolean(Node, Generic[E]):
    """`a and b and c`, or with `or`."""

    op: BooleanOperator
    values: tuple[E, ...]
    at: Range = field(compare=False)


class Conditional(Node, Generic[E]):
    """`body if test else orelse`."""

    test: E
    body: E
    orelse: E
    at: Range = field(compare=False)


Expression: TypeAlias = (
    "Constant | Name | Attribute | Call | Subscript[Expression] | Slice[Expression]"
    " | Sequence[Expression] | Unary[Expression] | Binary[Expression] | Compare[Expression]"
    " | Boolean[Expression] | Conditional[Expression]"
)


def children(node: Node) -> Iterator[Node]:
    """The parts directly inside a node, in the order written."""
    for name in node.field_names:
        yield from _nodes(getattr(node, name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def walk(node: Node) -> Iterator[Node]:
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
