"""A class's entries as `forward` runs them: one after the other, opened containers included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...spec.source import Path
from ..elaborate.typed import Known, TypedNode, where_given
from ..emit import code
from ..resolve.bound import Bound, Input, Value
from ..resolve.graph import Container, Formula, Node
from ..resolve.sequential import is_numbered, is_sequential


@dataclass(frozen=True)
class Condition:
    """What a step runs under: presence of the entry at `path` in a use; training, without one."""

    path: Path | None = None


@dataclass(frozen=True)
class Step:
    """An entry as forward runs it.

    typed: as each use of the class has it.
    container: the opened container that it stands in.
    enters: whether it computes the value that a container takes, before the container's entries.
    start, stop: the places of what it holds among the container's children; from the end where a
        param says how many there are before it.
    conditions: what it runs under, outermost first.
    """

    node: Node
    typed: tuple[TypedNode, ...]
    container: Step | None = None
    enters: bool = False
    start: int = 0
    stop: int | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def is_opened(self) -> bool:
        """Whether it is a container whose children run as steps of their own."""
        return isinstance(self.node.action, Container) and not is_sequential(self.node)

    @property
    def in_training(self) -> bool:
        """Whether it runs in training only."""
        return Condition() in self.conditions

    @property
    def own_condition(self) -> Condition | None:
        """The condition of its own presence, if it has one."""
        return next(
            (condition for condition in self.conditions if condition.path == self.node.path), None
        )

    @property
    def first(self) -> TypedNode:
        """It as the first use has it that has it at all."""
        return next((one for one in self.typed if not one.absent), self.typed[0])

    @property
    def outputs(self) -> tuple[Known, ...]:
        """What it gives where it runs."""
        outputs = self.first.outputs
        return tuple(map(where_given, outputs)) if self.node.in_training else outputs

    @property
    def last(self) -> Value:
        """What the entries of an opened container give."""
        assert isinstance(self.node.action, Container)
        last = self.node.action.last
        path = self.node.path
        return Value(path, "input", (0, 0)) if last is None else Value(last.path, None, (0, 0))

    @property
    def is_absent(self) -> bool:
        """Whether no use of the class has it."""
        return all(one.absent for one in self.typed)

    @property
    def name(self) -> str | None:
        """What its owner calls its layer."""
        return self.first.name

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
        is_number = (self.name or "").isdigit()
        if self.start < 0 and is_number and not self.container.is_list:
            return code.Subscript(self.container.children, code.Constant(self.start))
        if self.container.container is not None:
            # What a container holds is of no known type: further in, only a path leads.
            path = code.Constant(self.layer_path)
            return code.Call(code.Name("self.get_submodule"), (path,))
        key: int | str = self.name or ""
        if is_numbered(self.container.node):
            key = self.start if self.start < 0 else int(key)
        return code.Subscript(self.container.owner, code.Constant(key))

    @property
    def is_list(self) -> bool:
        """Whether it is a container that type checkers know as a list."""
        return self.container is None and is_numbered(self.node)

    @property
    def children(self) -> code.Expression:
        """The code of the layers in a container, as a list."""
        if self.is_list:
            return self.owner
        return code.Call(code.Name("list"), (code.Call(code.Attribute(self.owner, "children")),))

    def read(self) -> tuple[Bound, ...]:
        """What it reads while the model runs."""
        if self.is_opened and not self.enters and not self.is_absent:
            return () if self.own_condition is None else (self.last,)
        return expressions(self.node)


def steps(
    entries: Sequence[Node], uses: Sequence[Sequence[TypedNode]], container: Step | None = None
) -> Iterator[Step]:
    """The steps of a scope, or of a container in it.

    uses: the entries as each use has them.
    """
    counts = [_count(node, [use[index] for use in uses]) for index, node in enumerate(entries)]
    for index, node in enumerate(entries):
        typed = tuple(use[index] for use in uses)
        start, stop = _places(counts, index) if container is not None else (0, None)
        outer = container.conditions if container is not None else ()
        conditions = (*outer, *_conditions(node, typed, container))
        step = Step(node, typed, container, start=start, stop=stop, conditions=conditions)
        if step.is_opened and not step.is_absent:
            assert isinstance(node.action, Container)
            if passed_on(node) is None and step.own_condition is None:
                yield replace(step, enters=True)
            children = node.action.children
            inside = [t.children or tuple(map(_absent, children)) for t in typed]
            yield from steps(children, inside, step)
        yield step


def _absent(node: Node) -> TypedNode:
    """A child of a container that a use has not."""
    return TypedNode(node, (), (), absent=True)


def _conditions(
    node: Node, typed: Sequence[TypedNode], container: Step | None
) -> Iterator[Condition]:
    """What an entry runs under besides what its container does."""
    if node.in_training and (container is None or not container.in_training):
        yield Condition()
    # Only uses that have the container count.
    among = [
        one for place, one in enumerate(typed) if not (container and container.typed[place].absent)
    ]
    if is_in_some(among) and (container is not None or not can_be_identity(node, among)):
        yield Condition(node.path)


def is_in_some(typed: Sequence[TypedNode]) -> bool:
    """Whether an entry is there in some uses only."""
    return len({one.absent for one in typed}) > 1


def can_be_identity(node: Node, typed: Sequence[TypedNode]) -> bool:
    """Whether `nn.Identity` can stand for an entry where it is absent."""
    is_opened = isinstance(node.action, Container) and not is_sequential(node)
    keys = [key for key, _ in node.call.arguments] if node.call is not None else []
    several = any(len(one.outputs) > 1 for one in typed if not one.absent)
    return keys == [None] and not (is_opened or several or node.repeat is not None)


def _count(node: Node, typed: Sequence[TypedNode]) -> tuple[int, bool]:
    """How many children an entry makes of its container, and whether a param says so."""
    if isinstance(node.action, Formula) or all(one.absent for one in typed):
        return 0, False
    if node.repeat is None or node.shared or node.names:
        return 1, False
    count = next(one.count for one in typed if not one.absent)
    return count, not node.repeat.is_plain


def _places(counts: Sequence[tuple[int, bool]], index: int) -> tuple[int, int | None]:
    """Where the children of an entry begin and end among all; None where they end the list."""
    before, (own, varies), after = counts[:index], counts[index], counts[index + 1 :]
    start = sum(count for count, _ in before)
    rest = sum(count for count, _ in after)
    from_end = any(varied for _, varied in (*before, (own, varies)))
    if any(varied for _, varied in after):
        return start, start + own
    if any(varied for _, varied in before) and not varies:
        start = -rest - own
    return start, None if not rest else -rest if from_end else start + own


def times_in_container(step: Step) -> code.Expression:
    """What a loop goes over for a repeat whose times are numbers of its container."""
    container = step.container
    assert container is not None
    if step.start == 0 and step.stop is None:
        held = container.owner
        return held if container.is_list else code.Call(code.Attribute(held, "children"))
    bounds = [None if not place else code.Constant(place) for place in (step.start, step.stop)]
    return code.Subscript(container.children, code.Slice(*bounds))


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
