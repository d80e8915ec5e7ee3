"""Which kind of container a container of the spec becomes."""

from __future__ import annotations

from .bound import Value
from .graph import BlockUse, Container, Formula, ModuleUse, Node


def is_numbered(node: Node) -> bool:
    """Whether the children of a container are numbered from 0 without a gap."""
    assert isinstance(node.action, Container)
    children = [child for child in node.action.children if not isinstance(child.action, Formula)]
    gaps = any(isinstance(c.action, Formula) and not c.names for c in node.action.children)
    return not gaps and all(
        child.attribute is None or child.attribute == str(place)
        for place, child in enumerate(children)
    )


def is_sequential(node: Node) -> bool:
    """Whether a container is a chain of modules, each called with the value before it."""
    assert isinstance(node.action, Container)
    before = None
    for child in node.action.children:
        if not _links(child) or child.call is None or len(child.call.arguments) != 1:
            return False
        key, argument = child.call.arguments[0]
        value = argument.value
        first = before is None
        if key is not None or not (first or isinstance(value, Value)):
            return False
        if not first and (value.entry != before or value.output is not None):  # type: ignore[union-attr]
            return False
        # What the first child takes must be what the container takes: the value before.
        if first and argument.path != child.path:
            return False
        before = child.path
    return bool(node.action.children)


def _links(child: Node) -> bool:
    if isinstance(child.action, Container):
        return is_sequential(child)
    if isinstance(child.action, ModuleUse):
        return (
            len(child.action.layer.forward_inputs) == 1
            and len(child.action.layer.forward_outputs) == 1
        )
    return isinstance(child.action, BlockUse)
