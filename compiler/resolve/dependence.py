"""Whether a derivative makes sense: torch refuses one by what a value does not depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...spec.source import Path
from .bound import Bound, Gradient, Input, LayerCall, State, Value, maker, walk
from .graph import Argument, Container, Formula, Node, Recurrence
from .problems import Problems


def check_gradients(nodes: Sequence[Node], problems: Problems) -> None:
    """Reports every `grad(y, x)` in a scope whose y does not depend on x."""
    reads: dict[Path, list[Argument]] = {}
    for node in all_nodes(nodes):
        reads.setdefault(node.path, []).extend(_read(node))
        if isinstance(node.action, Recurrence):
            reads |= _heads(node, node.action)
    for node in all_nodes(nodes):
        if not isinstance(node.action, Formula):
            continue
        argument = node.action.expression
        for part in walk(argument.value):
            if not isinstance(part, Gradient) or not isinstance(part.by, Input | Value):
                continue
            if not _depends(part.of, part.by, reads, set()):
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


def _heads(node: Node, action: Recurrence) -> dict[Path, list[Argument]]:
    """What the slices of a recurrence are made from, and what it carries."""
    scanned = node.call.arguments if node.call is not None else ()
    slices = {item.path: [item] for _, item in scanned}
    return slices | {one.held.entry: [one.initial, one.renewed] for one in action.carried}


def _depends(
    value: object, by: Bound, reads: Mapping[Path, Sequence[Argument]], seen: set[Path]
) -> bool:
    """Whether what an expression reads leads to `by`.

    reads: what each entry is made from.
    """
    for part in walk(value):
        if isinstance(part, Input | Value) and part == by:
            return True
        entry = maker(part) if isinstance(part, Value | LayerCall | State) else None
        if entry is None or entry in seen or entry not in reads:
            continue
        seen.add(entry)
        if isinstance(by, Value) and entry == by.entry:
            return True
        if any(_depends(item.value, by, reads, seen) for item in reads[entry]):
            return True
    return False


def own_arguments(node: Node) -> Iterator[Argument]:
    """What an entry reads while the model runs, beside what its own entries read."""
    if node.call is not None:
        for _, argument in node.call.arguments:
            yield argument
    if isinstance(node.action, Formula):
        yield node.action.expression
    if isinstance(node.action, Recurrence):
        yield from node.action.read()


def _read(node: Node) -> Iterator[Argument]:
    yield from own_arguments(node)
    if isinstance(node.action, Container):
        for child in node.action.children:
            yield from _read(child)
