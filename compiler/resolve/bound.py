"""Expressions with their names bound: what `resolve` makes of the nodes of `spec.expression`.

Constants, operators, subscripts and brackets stay what they were; names, attributes and calls
become one of the nodes here, so that no later stage looks up a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from ...spec.expression.nodes import (
    Binary,
    Boolean,
    Compare,
    Conditional,
    Constant,
    Node,
    Range,
    Sequence,
    Slice,
    Subscript,
    Unary,
    children,
)
from ...spec.record import field
from ...spec.source import Path


class Input(Node):
    """An input of the model or block."""

    name: str
    at: Range = field(compare=False)


class Value(Node):
    """The value of an earlier entry; `output` picks one of several by name or by number."""

    entry: Path
    output: str | int | None
    at: Range = field(compare=False)


EACH: Final = "each"
"""Stands behind an entry's path for the list of what all its times give."""


class Each(Node):
    """`each(h)`: what the times of the repeat `entry` give, or the entries of a container.

    values: of each entry the list of what its times give.
    """

    entry: Path
    values: tuple[Value, ...]
    at: Range = field(compare=False)


def each_time(path: Path) -> Value:
    """The list of what the times of an entry give."""
    return Value((*path, EACH), None, (0, 0))


def maker(node: Value | LayerCall | State) -> Path:
    """The entry that makes what a node reads."""
    return node.entry[:-1] if node.entry[-1:] == (EACH,) else node.entry


class Param(Node):
    """A param of the block, or of the model."""

    name: str
    owner: Literal["block", "model"]
    at: Range = field(compare=False)


class Size(Node):
    """A size that a declared shape binds."""

    name: str
    at: Range = field(compare=False)


class Named(Node):
    """A constant of mathematics (`pi`), `training`, or a repeat's `index`."""

    name: str
    at: Range = field(compare=False)


class Property(Node):
    """`value.shape` or `value.dtype`, or a limit of `finfo(...)`."""

    value: Bound
    name: str
    at: Range = field(compare=False)


class State(Node):
    """A parameter or buffer of an earlier layer: `fc.weight`."""

    entry: Path
    name: str
    at: Range = field(compare=False)


class FunctionCall(Node):
    """A call of a function by its dotted name."""

    name: str
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


class MethodCall(Node):
    """A call of a tensor's method."""

    receiver: Bound
    name: str
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)

    @property
    def is_measure(self) -> bool:
        """Whether it gives sizes or how many of them there are, whatever the elements."""
        return self.name in ("size", "dim", "ndimension", "numel", "nelement")


class LayerCall(Node):
    """A call of an earlier layer, with the same weights."""

    entry: Path
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


class BlockCall(Node):
    """A call of a block that holds nothing: a function."""

    block: str
    args: tuple[Bound, ...]
    keywords: tuple[tuple[str, Bound], ...]
    at: Range = field(compare=False)


class Broken(Node):
    """Stands for an expression that could not be read; its problem has been reported."""

    at: Range = field(compare=False)


BROKEN: Final = Broken((0, 0))


class Gradient(Node):
    """`grad(y, x)`: the derivative of `y.sum()` with respect to `x`."""

    of: Bound
    by: Bound
    at: Range = field(compare=False)


Bound: TypeAlias = (
    "Constant | Input | Value | Each | Param | Size | Named | Property | State | FunctionCall"
    " | MethodCall | LayerCall | BlockCall | Gradient | Broken | Subscript[Bound] | Slice[Bound]"
    " | Sequence[Bound] | Unary[Bound] | Binary[Bound] | Compare[Bound] | Boolean[Bound]"
    " | Conditional[Bound]"
)


def walk(node: object) -> Iterator[Node]:
    """The nodes of a bound expression, or of several in a tuple, in the order written."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif isinstance(node, Node):
        yield node
        for name in node.field_names:
            if name not in ("entry", "at"):
                yield from walk(getattr(node, name))


def outside_shapes(node: Node) -> Iterator[Node]:
    """The nodes of a bound expression, but for those whose shape or dtype alone is asked for."""
    yield node
    if not isinstance(node, Property):
        for child in children(node):
            yield from outside_shapes(child)


def values_in(part: object) -> Iterator[Input | Value]:
    """The values that an expression reads, or several in a tuple."""
    return (node for node in walk(part) if isinstance(node, Input | Value))


Key = Path | str
"""What holds a value: an input's name, an entry's path, or one of its outputs."""


def key(node: Node) -> Key:
    """What holds the value that a node reads."""
    if isinstance(node, Input):
        return node.name
    assert isinstance(node, Value)
    if isinstance(node.output, int):
        return f"{node.entry}[{node.output}]"
    if isinstance(node.output, str):
        return f"{node.entry}.{node.output}"
    return node.entry
