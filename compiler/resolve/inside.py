"""What may be read inside of entries, also of what runs several times."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...spec import registry
from ...spec.expression import nodes
from ...spec.expression.nodes import Range
from ...spec.source import Path
from .bind_error import BindError
from .bound import State, Value
from .graph import BlockUse, Container, Node, Recurrence


def is_loop(node: Node) -> bool:
    """Whether what is inside an entry has another value each time."""
    if isinstance(node.action, Recurrence):
        return True
    return isinstance(node.action, Container) and node.repeat is not None


def need_one_time(outer: Node, name: str, *, at: Range) -> None:
    """Refuses to look for a layer in a repeat, which has other ones each time."""
    if is_loop(outer) and outer.repeat is not None and not outer.shared:
        said = f"{outer.names[0]} is a repeat: {name} is another one each time"
        raise BindError("unknown-attribute", said, at)


def need_one_value(around: Iterable[Node], name: str, *, at: Range) -> None:
    """Refuses to read a value from outside of what runs several times.

    around: the entries that it is read through, the innermost first.
    """
    for place, outer in enumerate(around):
        # What a recurrence itself gives is one value.
        if is_loop(outer) and (place or not isinstance(outer.action, Recurrence)):
            said = f"{outer.names[0]} runs several times: {name} has another value each time"
            raise BindError("unknown-attribute", said, at)


def part_of_recurrence(
    node: Node,
    action: Recurrence,
    name: str,
    at: Range,
    read: set[str | Path | tuple[Path, int | str]],
) -> Value:
    """What a recurrence carries, as its last time leaves it, or an output.

    read: where it is noted that it is read.
    """
    outputs = [output for output, _ in action.outputs]
    if name in action.carried_names or name in outputs[1:]:
        read.add((node.path, name))
        return Value(node.path, name, at)
    read.add(node.path)
    if name in outputs:
        return Value(node.path, name, at)
    known = [*dict.fromkeys([*action.carried_names, *filter(None, outputs)])]
    close = registry.closest(name, known)
    raise BindError(
        "unknown-attribute",
        f"{node.names[0]} carries no {name}, nor is it an output",
        at,
        help=f"did you mean {close}?" if close else f"it has {', '.join(known)}",
    )


def held_by_block(
    expression: nodes.Attribute, inside: Callable[[nodes.Expression], Node | None]
) -> State | None:
    """A parameter of a layer inside a block: `block.fc.weight`.

    inside: the entry that an expression names.
    """
    inner, parts = expression.value, [expression.attr]
    while isinstance(inner, nodes.Attribute):
        parts.insert(0, inner.attr)
        inner = inner.value
        node = inside(inner)
        if node is not None and isinstance(node.action, BlockUse):
            return State(node.path, ".".join(parts), expression.at)
    return None


def inside_of(name: str, values: Iterable[tuple[str, Node]]) -> str | None:
    """The dotted name of a container's child of this name, if one can be read.

    values: the entries of the scopes around, by name.
    """
    for outer, node in values:
        is_open = isinstance(node.action, Container) and not is_loop(node)
        children = node.action.children if isinstance(node.action, Container) else ()
        if is_open and any(name in child.names for child in children):
            return f"{outer}.{name}"
    return None
