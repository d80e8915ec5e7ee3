"""`each(h)`: what the times of a repeat or the entries of a container give, as a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...spec.expression import nodes
from .bind_error import BindError
from .bound import BROKEN, EACH, Bound, Each, each_time
from .graph import Container, Formula, Node, Recurrence

if TYPE_CHECKING:
    from .bind import Names


def read_each(names: Names, call: nodes.Call) -> Bound:
    """What `each(…)` means; notes that all of it is read. Raises `BindError`."""
    if len(call.args) != 1 or call.keywords:
        said = "each takes the name of a repeat or of a container"
        raise BindError("wrong-arguments", said, call.at)
    slips = len(names.errors)
    names.bind(call.args[0])
    if len(names.errors) > slips:
        return BROKEN
    node = names.inside(call.args[0])
    if node is not None and node.path in names.broken:
        return BROKEN
    if node is None or not _is_several(node):
        said = "each(…) is a list of what a repeat's times or a container's entries give"
        raise BindError("wrong-type", said, call.args[0].at)
    parts = [node] if node.repeat is not None else list(_valued(node))
    for part in parts:
        names.read.add(part.path)
        names.read |= {(part.path, index) for index in range(len(part.names))}
    return Each(node.path, tuple(each_time(part.path) for part in parts), call.at)


def one_of_each(names: Names, expression: nodes.Subscript[nodes.Expression]) -> Node | None:
    """The entry of a container that `each(a)[0]` names, to look into or to call; None where it
    names none. Notes that the container is read."""
    match expression:
        case nodes.Subscript(nodes.Call(func, (inner,), ()), nodes.Constant(int(place))):
            pass
        case _:
            return None
    node = names.inside(inner)
    is_each = nodes.dotted(func) == EACH and names.find(EACH) is None
    if not is_each or node is None or node.repeat is not None or not _is_several(node):
        return None
    assert isinstance(node.action, Container)
    names.read.add(node.path)
    # Where all are only declared, it is their place that counts.
    entries = list(_valued(node)) or node.action.children
    return entries[place] if place < len(entries) else None


def _is_several(node: Node) -> bool:
    is_container = isinstance(node.action, Container) and not isinstance(node.action, Recurrence)
    return node.call is not None and (node.repeat is not None or is_container)


def _valued(node: Node) -> Iterator[Node]:
    """The entries of a container that give something."""
    assert isinstance(node.action, Container)
    for child in node.action.children:
        if child.call is not None or isinstance(child.action, Formula):
            yield child
