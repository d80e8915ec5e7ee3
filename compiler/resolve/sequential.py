"""Which kind of container a container of the spec becomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from ...spec.source import Path
from .bound import LayerCall, State, Value, maker, walk
from .graph import (
    Argument,
    BlockUse,
    Container,
    Formula,
    LayerUse,
    ModuleUse,
    Node,
    ParamUse,
    Recurrence,
)
from .inside import is_loop


def is_numbered(node: Node) -> bool:
    """Whether the children of a container are numbered from 0 without a gap."""
    assert isinstance(node.action, Container)
    return are_numbered(node.action.children)


def are_numbered(nodes: Sequence[Node]) -> bool:
    """Whether entries are numbered from 0 without a gap."""
    entries = list(owned(nodes))
    children = [child for child in entries if not isinstance(child.action, Formula)]
    # The number of an expression after the last of them is missed by nobody.
    last = entries.index(children[-1]) if children else 0
    gaps = any(isinstance(c.action, Formula) and not c.names for c in entries[:last])
    return not gaps and all(
        child.attribute is None or child.attribute == str(place)
        for place, child in enumerate(children)
    )


def owned(nodes: Iterable[Node]) -> Iterator[Node]:
    """The entries of a scope or container, with those of recurrences that add no name."""
    for node in nodes:
        if isinstance(node.action, Recurrence) and not node.names:
            yield from owned(node.action.children)
        else:
            yield node


def is_sequential(node: Node) -> bool:
    """Whether a container is a chain of modules, each called with the value before it."""
    return isinstance(node.action, Container) and node.action.is_chain


def is_open_loop(node: Node) -> bool:
    """Whether it is an opened container whose entries run several times."""
    return is_loop(node) and not is_sequential(node)


def has_loops(nodes: Sequence[Node]) -> bool:
    """Whether the forward of entries has a loop over several of them."""
    inside = (node.action.children for node in nodes if isinstance(node.action, Container))
    return any(map(is_open_loop, nodes)) or any(map(has_loops, inside))


def has_modules(node: Node) -> bool:
    """Whether a container holds any layer or block."""
    if isinstance(node.action, Container):
        return any(map(has_modules, node.action.children))
    return isinstance(node.action, LayerUse)


def with_chains(
    nodes: Sequence[Node], outputs: Sequence[Argument], several: Collection[str]
) -> tuple[Node, ...]:
    """The entries of a scope, with each container marked that is a chain.

    several: the blocks that return several values.
    """
    reads = Counter(_entries_read([*_arguments(nodes), *outputs]))
    return tuple(_marked(node, reads, several) for node in nodes)


def unlinked(nodes: Sequence[Node], several: Collection[str]) -> Node | None:
    """The first entry of a scope that does not hang together with the others as in a chain."""
    return _unlinked(nodes, Counter(_entries_read(_arguments(nodes))), several)


def _arguments(nodes: Sequence[Node]) -> list[Argument]:
    """All that the entries read, those in containers included."""
    found = []
    for node in nodes:
        if isinstance(node.action, Recurrence):
            found += [*_call_arguments(node), *node.action.read()]
            found += _arguments(node.action.children)
        elif isinstance(node.action, Container):
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
                found.append(maker(part))
            elif isinstance(part, LayerCall | State):
                # Twice: once more than a chain reads its layers.
                found += [part.entry, part.entry]
    return found


def _marked(node: Node, reads: Counter[Path], several: Collection[str]) -> Node:
    if not isinstance(node.action, Container):
        return node
    children = tuple(_marked(child, reads, several) for child in node.action.children)
    may_be = bool(children) and not isinstance(node.action, Recurrence)
    is_chain = may_be and _unlinked(children, reads, several) is None
    return node.replace(action=node.action.replace(children=children, is_chain=is_chain))


def _unlinked(
    children: Sequence[Node], reads: Counter[Path], several: Collection[str]
) -> Node | None:
    """The first child that is no module which takes the value before it, and alone reads it."""
    before = None
    for child in children:
        if not (_links(child, several) and _follows(child, before)):
            return child
        if reads[child.path] > (child is not children[-1]):
            return child
        before = child.path
    return None


def _follows(child: Node, before: Path | None) -> bool:
    """Whether a child takes the value before it, and nothing else."""
    if child.call is None or len(child.call.arguments) != 1:
        return False
    key, argument = child.call.arguments[0]
    value = argument.value
    if key is not None:
        return False
    if before is None:
        # What the first child takes must be what the container takes: the value before.
        return argument.path == child.path
    return isinstance(value, Value) and value.entry == before and value.output is None


def _links(child: Node, several: Collection[str]) -> bool:
    """Whether a child is a module of one value."""
    if child.in_training or child.recompute:
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
    if isinstance(child.action, BlockUse):
        return child.action.block not in several
    return isinstance(child.action, ParamUse) or is_sequential(child)
