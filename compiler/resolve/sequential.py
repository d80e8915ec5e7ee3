"""Which kind of container a container of the spec becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...spec.source import Path
from .bound import LayerCall, State, Value, walk
from .graph import Argument, BlockUse, Container, Formula, ModuleUse, Node, ParamUse


def is_numbered(node: Node) -> bool:
    """Whether the children of a container are numbered from 0 without a gap."""
    assert isinstance(node.action, Container)
    entries = node.action.children
    children = [child for child in entries if not isinstance(child.action, Formula)]
    # The number of an expression after the last of them is missed by nobody.
    last = entries.index(children[-1]) if children else 0
    gaps = any(isinstance(c.action, Formula) and not c.names for c in entries[:last])
    return not gaps and all(
        child.attribute is None or child.attribute == str(place)
        for place, child in enumerate(children)
    )


def is_sequential(node: Node) -> bool:
    """Whether a container is a chain of modules, each called with the value before it."""
    return isinstance(node.action, Container) and node.action.is_chain


def with_chains(nodes: Sequence[Node], outputs: Sequence[Argument]) -> tuple[Node, ...]:
    """The entries of a scope, with each container marked that is a chain."""
    reads = Counter(_entries_read([*_arguments(nodes), *outputs]))
    return tuple(_marked(node, reads) for node in nodes)


def _arguments(nodes: Sequence[Node]) -> list[Argument]:
    """All that the entries read, those in containers included."""
    found = []
    for node in nodes:
        if isinstance(node.action, Container):
            inner = _arguments(node.action.children)
            taken = {argument.value for argument in inner}
            # What a container takes by default is read by its first child, once.
            own = _call_arguments(node)
            found += [one for one in own if one.path != node.path or one.value not in taken]
            found += inner
        else:
            found += _call_arguments(node)
            found += [node.action.expression] if isinstance(node.action, Formula) else []
    return found


def _call_arguments(node: Node) -> list[Argument]:
    return [argument for _, argument in node.call.arguments] if node.call else []


def _entries_read(arguments: Sequence[Argument]) -> list[Path]:
    found = []
    for argument in arguments:
        for part in walk(argument.value):
            if isinstance(part, Value) and part.output != "input":
                found.append(part.entry)
            elif isinstance(part, LayerCall | State):
                # Twice: once more than a chain reads its layers.
                found += [part.entry, part.entry]
    return found


def _marked(node: Node, reads: Counter[Path]) -> Node:
    if not isinstance(node.action, Container):
        return node
    children = tuple(_marked(child, reads) for child in node.action.children)
    return node.replace(action=Container(children, _is_chain(children, reads)))


def _is_chain(children: Sequence[Node], reads: Counter[Path]) -> bool:
    """Whether each child takes the value before it, and nothing else reads that."""
    before = None
    for child in children:
        if not _links(child) or child.call is None or len(child.call.arguments) != 1:
            return False
        key, argument = child.call.arguments[0]
        value = argument.value
        if key is not None:
            return False
        # What the first child takes must be what the container takes: the value before.
        if before is None and argument.path != child.path:
            return False
        if before is not None and (
            not isinstance(value, Value) or value.entry != before or value.output is not None
        ):
            return False
        before = child.path
    last = children[-1] if children else None
    return last is not None and all(reads[child.path] <= (child is not last) for child in children)


def _links(child: Node) -> bool:
    if child.in_training:
        return False
    if child.repeat is not None and (child.shared or child.names):
        return False
    if isinstance(child.action, ModuleUse):
        layer, given = child.action.layer, child.action.arguments
        single = len(layer.forward_outputs) == 1
        # Pooling gives indices too, if told to.
        if "return_indices" in layer.model_fields:
            single = "return_indices" not in given
        needed = [name for name in layer.forward_inputs if not name.endswith("?")]
        return single and len(needed) == 1
    return isinstance(child.action, BlockUse | ParamUse) or is_sequential(child)
