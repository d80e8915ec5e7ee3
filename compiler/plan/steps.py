"""A class's entries as `forward` runs them: one after the other, opened containers included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from ...spec.source import Path
from ..elaborate.typed import Known, TypedNode, where_given
from ..resolve.bound import Bound, Input, Value, values_in
from ..resolve.graph import Argument, Carried, Container, Formula, LayerUse, Node, Recurrence
from ..resolve.sequential import has_modules, is_numbered, is_open_loop, is_sequential

Places = Mapping[Path, tuple[int, int | None] | None]
"""Where the children of entries begin and end in a container; None where the uses differ in it."""


@dataclass(frozen=True)
class Condition:
    """What a step runs under: presence of the entry at `path` in a use, or in a time of a repeat;
    training, without one."""

    path: Path | None = None


@dataclass(frozen=True)
class Step:
    """An entry as forward runs it.

    typed: as each use of the class has it; within a repeat, as each of its times has it.
    container: the opened container that it stands in.
    start, stop: the places of what it holds among the container's children; from the end where a
        param says how many there are before it.
    conditions: what it runs under, outermost first.
    is_displaced: whether its place in the container is another one in some uses.
    part: "enters" computes the value that an opened container takes, before its entries;
        "begins" and "ends" stand before and after the entries of a loop.
    """

    node: Node
    typed: tuple[TypedNode, ...]
    container: Step | None = None
    start: int = 0
    stop: int | None = None
    conditions: tuple[Condition, ...] = ()
    is_displaced: bool = False
    part: Literal["whole", "enters", "begins", "ends"] = "whole"

    @property
    def is_opened(self) -> bool:
        """Whether it is a container whose children run as steps of their own."""
        return isinstance(self.node.action, Container) and not is_sequential(self.node)

    @property
    def has_no_code(self) -> bool:
        """Whether it only closes an opened container."""
        return self.is_opened and self.part == "whole"

    @property
    def in_training(self) -> bool:
        """Whether it runs in training only."""
        return Condition() in self.conditions

    @property
    def is_from_end(self) -> bool:
        """Whether it stands in a list, at a place that is counted from the end."""
        is_list = self.container is not None and is_numbered(self.container.node)
        return is_list and self.start < 0

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

    def read(self) -> tuple[Bound, ...]:
        """What it reads while the model runs."""
        if self.part == "ends":
            return tuple(
                _bound([*(one.renewed for one in carried(self.node)), *results(self.node)])
            )
        if self.part == "begins":
            heads = self.node.action.heads() if isinstance(self.node.action, Recurrence) else []
            return (*expressions(self.node), *_bound(heads), *self.times())
        if self.has_no_code and not self.is_absent:
            return () if self.own_condition is None else (self.last,)
        return (*expressions(self.node), *self.times())

    def times(self) -> tuple[Bound, ...]:
        """What says in forward how often the layers of a repeat run: those of lists say it."""
        repeat = self.node.repeat
        if repeat is None or is_spread(self):
            return ()
        return (repeat.bound,)


def steps(
    entries: Sequence[Node],
    uses: Sequence[Sequence[TypedNode]],
    container: Step | None = None,
    places: Places = MappingProxyType({}),
) -> Iterator[Step]:
    """The steps of a scope, or of a container in it.

    uses: the entries as each use has them.
    places: where the children of each entry begin and end in the container.
    """
    for index, node in enumerate(entries):
        typed = tuple(use[index] for use in uses)
        place = places.get(node.path, (0, None))
        start, stop = place or (0, None)
        outer = container.conditions if container is not None else ()
        conditions = (*outer, *_conditions(node, typed, container))
        step = Step(node, typed, container, start, stop, conditions, place is None)
        if step.is_opened and not step.is_absent:
            yield from _opened(step, places)
        else:
            yield step


def _opened(step: Step, places: Places) -> Iterator[Step]:
    """A container with its entries."""
    action = step.node.action
    assert isinstance(action, Container)
    times = tuple(time for one in step.typed for time in one.times or (one,))
    children = [time.children or tuple(map(_absent, action.children)) for time in times]
    container: Step | None = replace(step, typed=times)
    if isinstance(action, Recurrence) and not step.node.names:
        # Without a name, a recurrence leaves its layers to what it stands in.
        container = step.container
    else:
        places = _places(action.children, children)
    inside = steps(action.children, children, container, places)
    if is_open_loop(step.node):
        yield replace(step, part="begins")
        yield from inside
        yield replace(step, part="ends")
        return
    if passed_on(step.node) is None and step.own_condition is None:
        yield replace(step, part="enters")
    yield from inside
    yield step


def _absent(node: Node) -> TypedNode:
    """A child of a container that a use has not."""
    return TypedNode(node, (), (), absent=True)


def _conditions(
    node: Node, typed: Sequence[TypedNode], container: Step | None
) -> Iterator[Condition]:
    """What an entry runs under besides what its container does."""
    if node.call is None and isinstance(node.action, LayerUse):
        # Declared for calling later: whatever calls it has the condition.
        return
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


def _places(entries: Sequence[Node], uses: Sequence[Sequence[TypedNode]]) -> Places:
    """Where the children of each entry of a container begin and end among all."""
    inside = list(owned(entries, list(zip(*uses, strict=True))))
    return {node.path: _place(inside, index) for index, (node, _) in enumerate(inside)}


def owned(
    nodes: Sequence[Node], typed: Sequence[Sequence[TypedNode]]
) -> Iterator[tuple[Node, Sequence[TypedNode]]]:
    """The entries of a container in each of its uses, with those of recurrences without a name.

    typed: each entry as the uses have it.
    """
    for node, each in zip(nodes, typed, strict=True):
        if not isinstance(node.action, Recurrence) or node.names:
            yield node, each
        elif not any(one.absent for one in each):
            inside = list(zip(*(one.children for one in each), strict=True))
            yield from owned(node.action.children, inside)


def _place(
    inside: Sequence[tuple[Node, Sequence[TypedNode]]], index: int
) -> tuple[int, int | None] | None:
    """Where an entry's children begin and end; None where the uses differ in it."""
    node, typed = inside[index]
    found = {
        _place_in([_count(other, [each[use]]) for other, each in inside], index)
        for use, one in enumerate(typed)
        if not one.absent
    }
    is_slice = node.repeat is not None and not (node.shared or node.names)
    starts = {start for start, _ in found}
    stops = {stop for _, stop in found}
    if len(starts) > 1 and not is_slice:
        return _from_end(inside, index)
    if len(found) < 2 or not (is_slice or any(start < 0 for start in starts)):
        return next(iter(found), (0, None))
    # What ends the list in some uses may end by its number in all.
    told = stops - {None}
    if len(starts) == len(told) == 1 and all(stop is not None and stop > 0 for stop in told):
        return starts.pop(), told.pop()
    return None


def _from_end(
    inside: Sequence[tuple[Node, Sequence[TypedNode]]], index: int
) -> tuple[int, int | None] | None:
    """Where an entry's only child stands counted from the end; None where the uses differ in it."""
    _, typed = inside[index]
    found = set()
    for use, one in enumerate(typed):
        after = [_count(other, [each[use]]) for other, each in inside[index + 1 :]]
        if not one.absent:
            found.add(None if any(varies for _, varies in after) else sum(n for n, _ in after))
    rest = found.pop()
    return None if found or rest is None else (-rest - 1, -rest or None)


def _count(node: Node, typed: Sequence[TypedNode]) -> tuple[int, bool]:
    """How many children an entry makes of its container, and whether a param says so."""
    if isinstance(node.action, Formula) or all(one.absent for one in typed):
        return 0, False
    if node.repeat is None or node.shared or node.names:
        return 1, False
    count = next(one.count for one in typed if not one.absent)
    return count, not node.repeat.is_plain


def _place_in(counts: Sequence[tuple[int, bool]], index: int) -> tuple[int, int | None]:
    """Where the children of an entry begin and end; None where they end the list."""
    before, (own, varies), after = counts[:index], counts[index], counts[index + 1 :]
    start = sum(count for count, _ in before)
    rest = sum(count for count, _ in after)
    from_end = any(varied for _, varied in (*before, (own, varies)))
    if any(varied for _, varied in after):
        return start, start + own
    if any(varied for _, varied in before) and not varies:
        start = -rest - own
    return start, None if not rest else -rest if from_end else start + own


def carried(node: Node) -> tuple[Carried, ...]:
    """What each time of a loop hands to the next one."""
    if isinstance(node.action, Recurrence):
        return node.action.carried
    assert isinstance(node.action, Container)
    assert node.call is not None
    last = node.action.last
    if last is None:
        return ()
    at = (0, 0)
    (_, initial), *_ = node.call.arguments
    renewed = Argument(last.path, Value(last.path, None, at))
    held, after = Value(node.path, "input", at), Value(node.path, None, at)
    return (Carried(None, initial, renewed, held, after),)


def results(node: Node) -> tuple[Argument, ...]:
    """What each time of a recurrence gives to be stacked."""
    if isinstance(node.action, Recurrence):
        return tuple(argument for _, argument in node.action.outputs)
    return ()


def slices(node: Node) -> tuple[tuple[Value, Argument], ...]:
    """The slices of a recurrence, as its layers read them, and what they are of."""
    if not isinstance(node.action, Recurrence) or node.call is None:
        return ()
    return tuple((Value(item.path, None, (0, 0)), item) for _, item in node.call.arguments)


def _bound(arguments: Sequence[Argument]) -> Iterator[Bound]:
    return (item.bound for item in arguments)


def is_spread(step: Step) -> bool:
    """Whether the times of a repeat stand in a list, over which a loop goes."""
    node = step.node
    is_named = bool(node.template) and step.container is None
    return not (node.shared or is_named) and has_modules(node)


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


def outer_values(
    steps: Sequence[Step], source: Callable[[Input | Value], Input | Value]
) -> dict[int, tuple[Input | Value, ...]]:
    """What each loop reads of values made before it, time after time, by the place of its end.

    source: what makes the value that a node reads.
    """
    found: dict[int, tuple[Input | Value, ...]] = {}
    begun: list[int] = []
    for index, step in enumerate(steps):
        if step.part == "begins":
            begun.append(index)
        if step.part != "ends":
            continue
        first = begun.pop()
        inside = steps[first : index + 1]
        own = {one.node.path for one in inside}
        own |= {one.held.entry for other in inside for one in _carried(other)}
        own |= {value.entry for other in inside for value, _ in slices(other.node)}
        read = [
            source(node) for one in inside[1:] for part in one.read() for node in values_in(part)
        ]
        found[index] = tuple(v for v in read if isinstance(v, Input) or v.entry not in own)
    return found


def _carried(step: Step) -> tuple[Carried, ...]:
    return carried(step.node) if step.part == "begins" else ()
