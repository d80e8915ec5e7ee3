"""Whether a derivative makes sense: torch refuses one by what a value does not depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.source import Path
from .bound import Bound, Gradient, Input, LayerCall, State, Value, walk
from .graph import Argument, Container, Formula, Node
from .problems import Problems


def check_gradients(nodes: Sequence[Node], problems: Problems) -> None:
    """Reports every `grad(y, x)` in a scope whose y does not depend on x."""
    by_path = {node.path: node for node in all_nodes(nodes)}
    for node in by_path.values():
        if not isinstance(node.action, Formula):
            continue
        argument = node.action.expression
        for part in walk(argument.value):
            if not isinstance(part, Gradient) or not isinstance(part.by, Input | Value):
                continue
            if not _depends(part.of, part.by, by_path, set()):
                problems.error(
                    "no-dependence",
                    "grad(y, x) needs a y that is made from x; this one does not depend on it",
                    argument.path,
                    within=part.at,
                )


def all_nodes(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes of a scope and of its containers."""
    for node in nodes:
        yield node
        if isinstance(node.action, Container):
            yield from all_nodes(node.action.children)


def _depends(value: object, by: Bound, nodes: dict[Path, Node], seen: set[Path]) -> bool:
    """Whether what an expression reads leads to `by`."""
    for part in walk(value):
        if isinstance(part, Input | Value) and part == by:
            return True
        entry = part.entry if isinstance(part, Value | LayerCall | State) else None
        if entry is None or entry in seen or entry not in nodes:
            continue
        seen.add(entry)
        node = nodes[entry]
        if isinstance(by, Value) and entry == by.entry:
            return True
        if any(_depends(item.value, by, nodes, seen) for item in _read(node)):
            return True
    return False


def _read(node: Node) -> Iterator[Argument]:
    if node.call is not None:
        for _, argument in node.call.arguments:
            yield argument
    if isinstance(node.action, Formula):
        yield node.action.expression
    if isinstance(node.action, Container):
        for child in node.action.children:
            yield from _read(child)
