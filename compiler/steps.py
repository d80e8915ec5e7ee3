"""A class's entries as `forward` runs them: one after the other, opened containers included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..spec.expression import nodes
from ..spec.source import Path
from . import code
from .bound import Bound, Input, Value
from .graph import Container, Formula, Node
from .sequential import is_sequential
from .typed import TypedNode

Key = Path | str
"""What holds a value: an input's name, an entry's path, or one of its outputs."""


@dataclass(frozen=True)
class Step:
    """An entry as forward runs it.

    typed: as each use of the class has it. owner: the code of its layer.
    """

    node: Node
    typed: tuple[TypedNode, ...]
    owner: code.Expression

    @property
    def is_opened(self) -> bool:
        """Whether it is a container whose children run as steps of their own."""
        return isinstance(self.node.action, Container) and not is_sequential(self.node)


def steps(
    entries: Sequence[Node], uses: Sequence[Sequence[TypedNode]], base: code.Expression
) -> Iterator[Step]:
    """The steps of a scope whose layers `base` holds."""
    for index, node in enumerate(entries):
        typed = tuple(use[index] for use in uses)
        step = Step(node, typed, _place(base, typed[0]))
        if step.is_opened and not typed[0].absent:
            assert isinstance(node.action, Container)
            yield from steps(node.action.children, [t.children for t in typed], step.owner)
        yield step


def _place(base: code.Expression, typed: TypedNode) -> code.Expression:
    name = typed.name
    if name is None:
        return base
    if name.isdigit():
        return code.Subscript(base, code.Constant(int(name)))
    if isinstance(base, code.Name):
        return code.Name(f"{base.id}.{name}")
    return code.Subscript(base, code.Constant(name))


def expressions(node: Node) -> tuple[Bound, ...]:
    """What an entry reads while the model runs."""
    if isinstance(node.action, Container) and not is_sequential(node):
        return ()
    arguments = [argument for _, argument in node.call.arguments] if node.call else []
    if isinstance(node.action, Formula):
        arguments.append(node.action.expression)
    return tuple(item.value for item in arguments if not isinstance(item.value, tuple))


def key(node: nodes.Node) -> Key:
    """What holds the value that a node reads."""
    if isinstance(node, Input):
        return node.name
    assert isinstance(node, Value)
    if isinstance(node.output, int):
        return f"{node.entry}[{node.output}]"
    if isinstance(node.output, str) and node.output != "input":
        return f"{node.entry}.{node.output}"
    return node.entry
