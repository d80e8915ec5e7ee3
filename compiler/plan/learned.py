"""Which outputs of a model depend on what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...spec.layers.base import StateEntry
from ...spec.source import Path
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import tensors
from ..elaborate.typed import TypedNode, TypedScope
from ..resolve.bound import LayerCall, State, Value, walk
from ..resolve.graph import Argument, Formula


def learned_outputs(scope: TypedScope) -> tuple[str, ...]:
    """The names of the outputs that a gradient leads from to a parameter."""
    nodes = {typed.node.path: typed for typed in _all(scope.nodes)}
    return tuple(
        name
        for (name, tensor), (_, argument) in zip(scope.outputs, scope.scope.outputs, strict=True)
        if is_floating_point(tensor.dtype) and _leads(argument, nodes, set())
    )


def _all(nodes: tuple[TypedNode, ...]) -> Iterator[TypedNode]:
    for typed in nodes:
        yield typed
        yield from _all(typed.children)


def _leads(argument: Argument, nodes: Mapping[Path, TypedNode], seen: set[Path]) -> bool:
    for part in walk(argument.value):
        entry = part.entry if isinstance(part, Value | LayerCall | State) else None
        if entry is None or entry in seen or entry not in nodes:
            continue
        seen.add(entry)
        typed = nodes[entry]
        # No gradient goes through whole numbers and booleans.
        if not any(is_floating_point(tensor.dtype) for tensor in tensors(typed.outputs)):
            continue
        if any(entry.trainable and not entry.frozen for entry in _state(typed)):
            return True
        if any(_leads(item, nodes, seen) for item in _read(typed)):
            return True
    return False


def _state(typed: TypedNode) -> Iterator[StateEntry]:
    """What a node holds, with all that is inside it."""
    if typed.absent:
        return
    if typed.tensor is not None:
        yield typed.tensor
    if typed.layer is not None:
        yield from typed.layer.state().values()
    for inner in (*typed.children, *typed.times, *(typed.scope.nodes if typed.scope else ())):
        yield from _state(inner)


def _read(typed: TypedNode) -> Iterator[Argument]:
    if typed.node.call is not None:
        for _, argument in typed.node.call.arguments:
            yield argument
    if isinstance(typed.node.action, Formula):
        yield typed.node.action.expression
