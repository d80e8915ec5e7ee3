"""Which outputs of a model depend on what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ...spec.expression.nodes import Compare, Node
from ...spec.layers.base import StateEntry
from ...spec.source import Path
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import tensors
from ..elaborate.derivatives import passes_none
from ..elaborate.settled import settled_use
from ..elaborate.typed import TypedGraph, TypedNode, TypedScope, there, where_given
from ..resolve.bound import (
    BlockCall,
    FunctionCall,
    Gradient,
    Input,
    LayerCall,
    MethodCall,
    Property,
    State,
    Value,
    maker,
)
from ..resolve.graph import Argument, Carried, Container, Formula, Recurrence
from ..resolve.graph import Node as GraphNode

Read: TypeAlias = Value | LayerCall | State | Input
Blocks: TypeAlias = Mapping[str, tuple[TypedScope, ...]]
"""The bodies of each block, which its calls as a function go through."""


def learned_outputs(typed: TypedGraph) -> tuple[str, ...]:
    """The names of the outputs that a gradient leads from to a parameter."""
    scope = settled_use(typed.root)
    nodes = {one.node.path: one for one in _all(scope.nodes)}
    return tuple(
        name
        for name, argument in _derivable(scope)
        if any(
            _is_trained(nodes[part.entry])
            for part in _reached(argument, nodes, typed.blocks, set())
            # A container is reached through its children.
            if not isinstance(part, Input) and not _entries(nodes[part.entry])
        )
    )


def learns_everything(scope: TypedScope, blocks: Blocks, output: str | None = None) -> bool:
    """Whether gradients of the outputs, or of one, lead to all that is trained, as far as entries
    tell."""
    if _has_cases(scope):
        return False
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    seen: set[Read] = set()
    read: dict[Path, list[Read]] = {}
    for name, argument in _derivable(scope):
        for part in _reached(argument, nodes, blocks, seen) if output in (None, name) else ():
            if not isinstance(part, Input):
                read.setdefault(part.entry, []).append(part)
    return all(
        path in read and _is_whole(typed, read[path])
        for path, typed in nodes.items()
        if _is_trained(typed) and (not _entries(typed) or _is_repeated(typed))
    )


def _is_repeated(typed: TypedNode) -> bool:
    """Whether a container's entries may run several times."""
    return typed.node.repeat is not None and bool(_entries(typed))


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
    if _is_repeated(typed):
        # Earlier times are reached through what the later ones take.
        return any(isinstance(part, Value) and part.output == "input" for part in parts)
    typed = typed.times[0] if typed.times else typed
    if typed.scope is not None:
        names = [name for name, _ in typed.scope.outputs]
        read = {part.output or names[0] for part in parts if isinstance(part, Value)}
        return len(names) == 1 or read == set(names)
    if typed.layer is None:
        return True
    partial, first = typed.layer.partial_outputs, typed.layer.forward_outputs[0]
    by_name = {part.name for part in parts if isinstance(part, State)}
    trained = {name for name, entry in typed.layer.state().items() if entry.trainable}
    return trained <= by_name or any(
        (part.output or first) not in partial if isinstance(part, Value) else not partial
        for part in parts
        if not isinstance(part, State)
    )


def _is_open(scope: TypedScope, part: Read, blocks: Blocks) -> bool:
    """Whether gradients of what is read of a block pass through all of it: to its inputs, and to
    all that is trained."""
    names = [name for name, _ in scope.outputs]
    if isinstance(part, Value):
        names = [part.output if isinstance(part.output, str) else names[0]]
    return all(_is_open_from(scope, name, blocks) for name in names)


def _is_open_function(uses: Sequence[TypedScope], blocks: Blocks) -> bool:
    """Whether gradients of all that a block gives reach all that it takes."""
    return all(_is_open_from(use, name, blocks) for use in uses for name, _ in use.outputs)


def _is_open_from(scope: TypedScope, output: str, blocks: Blocks) -> bool:
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    seen: set[Read] = set()
    for name, argument in _derivable(scope):
        list(_reached(argument, nodes, blocks, seen) if name == output else ())
    reached = {part.name for part in seen if isinstance(part, Input)}
    return learns_everything(scope, blocks, output) and reached == set(scope.inputs)


def _derivable(scope: TypedScope) -> Iterator[tuple[str, Argument]]:
    for (name, value), (_, argument) in zip(scope.outputs, scope.scope.outputs, strict=True):
        if is_floating_point(there(value).dtype):
            yield name, argument


def _all(nodes: tuple[TypedNode, ...]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _all(_entries(typed))
        if isinstance(typed.node.action, Recurrence):
            yield from _heads(typed, typed.node.action)


def _entries(typed: TypedNode) -> tuple[TypedNode, ...]:
    """The entries of a container; those of all times, where it is repeated and no chain."""
    action = typed.node.action
    if not typed.times or not isinstance(action, Container) or action.is_chain:
        return typed.children
    return tuple(inner for time in typed.times for inner in time.children)


def _heads(typed: TypedNode, action: Recurrence) -> Iterator[TypedNode]:
    """What the layers of a recurrence read of its slices, and of what its first time takes."""
    scanned = typed.node.call.arguments if typed.node.call is not None else ()
    read = {item.path: item for _, item in scanned}
    read |= {one.held.entry: one.initial for one in action.carried}
    for path, argument in read.items():
        yield TypedNode(GraphNode(path, (), None, Formula(argument), None), (), ())


def _is_own(typed: TypedNode) -> bool:
    """Whether a layer from a file of one's own is in an entry."""
    inner = (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ()))
    return bool(typed.layer and typed.layer.is_own) or any(map(_is_own, inner))


def _is_trained(typed: TypedNode) -> bool:
    return any(entry.trainable and not entry.frozen for entry in _state(typed))


def _reached(
    argument: Argument, nodes: Mapping[Path, TypedNode], blocks: Blocks, seen: set[Read]
) -> Iterator[Read]:
    """What of the entries a gradient passes on its way back from a value."""
    for part in _read_values(argument.value, blocks):
        if part in seen:
            continue
        if isinstance(part, Input):
            seen.add(part)
            yield part
            continue
        if part.entry not in nodes:
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
        if not all(_is_open(scope, part, blocks) for scope in _scopes(typed)):
            continue
        seen.add(part)
        yield part
        if not isinstance(part, Value):
            # What a layer is called with again is read there; where it stands does not matter.
            continue
        last = _last_read(typed, part)
        if last is not None:
            # Surely made of what it is itself the first of, whatever the others become by then.
            others = {one for one in nodes if one in typed.heads} - {last.held.entry}
            left = {path: node for path, node in nodes.items() if path not in others}
            yield from _reached(last.renewed, left, blocks, {*seen})
            continue
        for item in _read(typed, part):
            yield from _reached(item, nodes, blocks, seen)


def _read_values(value: object, blocks: Blocks) -> Iterator[Read]:
    """What an expression reads the values of, so far as gradients pass through it."""
    # What a derivative depends on, such as a factor but no summand, is not followed up.
    if isinstance(value, Property | Compare | Gradient):
        return
    if isinstance(value, FunctionCall | MethodCall) and passes_none(value):
        return
    if isinstance(value, BlockCall) and not _is_open_function(blocks[value.block], blocks):
        return
    if isinstance(value, MethodCall) and value.name.endswith("_as"):
        # Of the other tensor only the shape or the type counts.
        value = value.receiver
    if isinstance(value, Value):
        yield value.replace(entry=maker(value))
    elif isinstance(value, LayerCall | State | Input):
        yield value
    if isinstance(value, Node):
        for name in value.field_names:
            yield from _read_values(getattr(value, name), blocks)
    elif isinstance(value, tuple):
        for item in value:
            yield from _read_values(item, blocks)


def _scopes(typed: TypedNode) -> Iterator[TypedScope]:
    """The block that a node uses, or those of its times."""
    for one in typed.times or (typed,):
        if one.scope is not None:
            yield one.scope


def _state(typed: TypedNode) -> Iterator[StateEntry]:
    """What a node holds, with all that is inside it."""
    if typed.absent:
        return
    if typed.tensor is not None:
        yield typed.tensor
    yield from typed.own_state().values()
    for inner in (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ())):
        yield from _state(inner)


def _last_read(typed: TypedNode, part: Read) -> Carried | None:
    """What is read of a recurrence, where it is what the last time leaves."""
    action = typed.node.action
    if not isinstance(action, Recurrence) or not isinstance(part, Value):
        return None
    return next((one for one in action.carried if one.name == part.output), None)


def _read(typed: TypedNode, part: Read) -> Iterator[Argument]:
    """What is read for the value of a node, or for what a container takes."""
    action = typed.node.action
    if isinstance(action, Recurrence) and isinstance(part, Value) and not typed.absent:
        name = part.output or action.outputs[0][0]
        yield from (argument for output, argument in action.outputs if output == name)
        return
    last = action.last if isinstance(action, Container) else None
    takes = isinstance(part, Value) and part.output == "input"
    if last is not None and _entries(typed) and not takes:
        yield Argument(last.path, Value(last.path, None, (0, 0)))
        return
    if typed.node.call is not None:
        for _, argument in typed.node.call.arguments:
            yield argument
    if isinstance(action, Formula):
        yield action.expression
