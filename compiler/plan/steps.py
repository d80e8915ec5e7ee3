"""A class's entries as `forward` runs them: one after the other, opened containers included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..elaborate.typed import TypedNode
from ..emit import code
from ..resolve.bound import Bound, Input, Value
from ..resolve.graph import Container, Formula, Node
from ..resolve.sequential import is_numbered, is_sequential


@dataclass(frozen=True)
class Step:
    """An entry as forward runs it.

    typed: as each use of the class has it.
    container: the opened container that it stands in.
    enters: whether it computes the value that a container takes, before the container's entries.
    """

    node: Node
    typed: tuple[TypedNode, ...]
    container: Step | None = None
    enters: bool = False

    @property
    def is_opened(self) -> bool:
        """Whether it is a container whose children run as steps of their own."""
        return isinstance(self.node.action, Container) and not is_sequential(self.node)

    @property
    def is_absent(self) -> bool:
        """Whether no use of the class has it."""
        return all(one.absent for one in self.typed)

    @property
    def name(self) -> str | None:
        """What its owner calls its layer."""
        return next((one.name for one in self.typed if not one.absent), self.typed[0].name)

    @property
    def layer_path(self) -> str:
        """Its layer's name in the class: `layers.0.fc`."""
        inside = f"{self.container.layer_path}." if self.container is not None else ""
        return f"{inside}{self.name}"

    @property
    def owner(self) -> code.Expression:
        """The code of its layer: `self.fc`, `self.layers[0]`, `self.layers["fc"]`."""
        if self.container is None:
            return code.Name(f"self.{self.name}")
        if self.container.container is not None:
            # What a container holds is of no known type: further in, only a path leads.
            path = code.Constant(self.layer_path)
            return code.Call(code.Name("self.get_submodule"), (path,))
        name = self.name or ""
        key = int(name) if is_numbered(self.container.node) else name
        return code.Subscript(self.container.owner, code.Constant(key))

    def read(self) -> tuple[Bound, ...]:
        """What it reads while the model runs."""
        if self.is_opened and not self.enters and not self.is_absent:
            return ()
        return expressions(self.node)


def steps(
    entries: Sequence[Node], uses: Sequence[Sequence[TypedNode]], container: Step | None = None
) -> Iterator[Step]:
    """The steps of a scope, or of a container in it."""
    for index, node in enumerate(entries):
        typed = tuple(use[index] for use in uses)
        step = Step(node, typed, container)
        if step.is_opened and not any(one.absent for one in typed):
            assert isinstance(node.action, Container)
            if passed_on(node) is None:
                yield Step(node, typed, container, enters=True)
            yield from steps(node.action.children, [t.children for t in typed], step)
        yield step


def passed_on(node: Node) -> Input | Value | None:
    """The value that an entry takes first, where that is one that already has a name."""
    assert node.call is not None
    value = node.call.arguments[0][1].value
    return value if isinstance(value, Input | Value) else None


def expressions(node: Node) -> tuple[Bound, ...]:
    """What an entry's own code reads."""
    arguments = [argument for _, argument in node.call.arguments] if node.call else []
    if isinstance(node.action, Formula):
        arguments.append(node.action.expression)
    return tuple(item.bound for item in arguments if not isinstance(item.value, tuple))
