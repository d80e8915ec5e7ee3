"""A class's entries as `forward` runs them: one after the other, opened containers included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..spec.expression import nodes
from ..spec.source import Path
from . import code
from .bound import Bound, Input, Value
from .graph import Container, Formula, Node
from .sequential import is_numbered, is_sequential
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
    entries: Sequence[Node], uses: Sequence[Sequence[TypedNode]], container: Step | None = None
) -> Iterator[Step]:
    """The steps of a scope, or of a container in it."""
    for index, node in enumerate(entries):
        typed = tuple(use[index] for use in uses)
        step = Step(node, typed, _place(container, typed[0]))
        if step.is_opened and not typed[0].absent:
            assert isinstance(node.action, Container)
            yield from steps(node.action.children, [t.children for t in typed], step)
        yield step


def _place(container: Step | None, typed: TypedNode) -> code.Expression:
    """`self.fc`, `self.layers[0]`, `self.layers["fc"]`"""
    name = typed.name
    if container is None:
        return code.Name(f"self.{name}" if name else "self")
    if name is None:
        return container.owner
    key = int(name) if is_numbered(container.node) else name
    return code.Subscript(container.owner, code.Constant(key))


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
