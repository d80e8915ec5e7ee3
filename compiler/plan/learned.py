"""Which outputs of a model depend on what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ...spec.expression.nodes import Node
from ...spec.layers.base import StateEntry
from ...spec.source import Path
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import tensors
from ..elaborate.settled import settled_use
from ..elaborate.typed import TypedNode, TypedScope, there, where_given
from ..resolve.bound import LayerCall, Property, State, Value
from ..resolve.graph import Argument, Formula

Read: TypeAlias = Value | LayerCall | State


def learned_outputs(scope: TypedScope) -> tuple[str, ...]:
    """The names of the outputs that a gradient leads from to a parameter."""
    scope = settled_use(scope)
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    return tuple(
        name
        for name, argument in _derivable(scope)
        if any(_is_trained(nodes[part.entry]) for part in _reached(argument, nodes, set()))
    )


def learns_everything(scope: TypedScope) -> bool:
    """Whether gradients of the outputs lead to all that is trained, as far as entries tell."""
    if _has_cases(scope):
        return False
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    seen: set[Read] = set()
    read: dict[Path, list[Read]] = {}
    for _, argument in _derivable(scope):
        for part in _reached(argument, nodes, seen):
            read.setdefault(part.entry, []).append(part)
    # A container is reached through its children, or as a whole.
    inside = {child.node.path for path in read for child in _all(nodes[path].children)}
    return all(
        path in inside or (path in read and _is_whole(typed, read[path]))
        for path, typed in nodes.items()
        if _is_trained(typed) and not typed.children
    )


def _has_cases(scope: TypedScope) -> bool:
    """Whether what is computed depends on a condition, in the model or in a block of it."""
    inner = (typed.scope for typed in _inside(scope.nodes) if typed.scope is not None)
    return bool(scope.decided) or any(map(_has_cases, inner))


def _inside(nodes: Sequence[TypedNode]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _inside((*typed.children, *typed.times))


def _is_whole(typed: TypedNode, parts: Sequence[Read]) -> bool:
    """Whether gradients through what is read of an entry lead to all that is trained in it."""
    typed = typed.times[0] if typed.times else typed
    if typed.scope is not None:
        names = [name for name, _ in typed.scope.outputs]
        read = {part.output or names[0] for part in parts if isinstance(part, Value)}
        return len(names) == 1 or read == set(names)
    if typed.layer is None:
        return True
    partial = typed.layer.partial_outputs
    by_name = {part.name for part in parts if isinstance(part, State)}
    trained = {name for name, entry in typed.layer.state().items() if entry.trainable}
    return trained <= by_name or any(
        part.output not in partial if isinstance(part, Value) else not partial
        for part in parts
        if not isinstance(part, State)
    )


def _derivable(scope: TypedScope) -> Iterator[tuple[str, Argument]]:
    for (name, value), (_, argument) in zip(scope.outputs, scope.scope.outputs, strict=True):
        if is_floating_point(there(value).dtype):
            yield name, argument


def _all(nodes: tuple[TypedNode, ...]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _all(typed.children)


def _is_own(typed: TypedNode) -> bool:
    """Whether a layer from a file of one's own is in an entry."""
    inner = (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ()))
    return bool(typed.layer and typed.layer.is_own) or any(map(_is_own, inner))


def _is_trained(typed: TypedNode) -> bool:
    return any(entry.trainable and not entry.frozen for entry in _state(typed))


def _reached(
    argument: Argument, nodes: Mapping[Path, TypedNode], seen: set[Read]
) -> Iterator[Read]:
    """What of the entries a gradient passes on its way back from a value."""
    for part in _read_values(argument.value):
        if part in seen or part.entry not in nodes:
            continue
        typed = nodes[part.entry]
        if _is_own(typed):
            # Whether a gradient passes is known to its own file alone.
            continue
        # No gradient goes through whole numbers and booleans; what is called later has no value.
        if typed.outputs and not any(
            is_floating_point(tensor.dtype)
            for tensor in tensors(tuple(map(where_given, typed.outputs)))
        ):
            continue
        seen.add(part)
        yield part
        for item in _read(typed):
            yield from _reached(item, nodes, seen)


def _read_values(value: object) -> Iterator[Read]:
    """What an expression reads the values of; a shape alone is no value."""
    if isinstance(value, Property):
        return
    if isinstance(value, Value | LayerCall | State):
        yield value
    if isinstance(value, Node):
        for name in value.field_names:
            yield from _read_values(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _read_values(item)


def _state(typed: TypedNode) -> Iterator[StateEntry]:
    """What a node holds, with all that is inside it."""
    if typed.absent:
        return
    if typed.tensor is not None:
        yield typed.tensor
    yield from typed.own_state().values()
    for inner in (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ())):
        yield from _state(inner)


def _read(typed: TypedNode) -> Iterator[Argument]:
    if typed.node.call is not None:
        for _, argument in typed.node.call.arguments:
            yield argument
    if isinstance(typed.node.action, Formula):
        yield typed.node.action.expression
