"""Which layer of the old model is which of the new one: by names, those of `renamed_from` too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec.layers.base import StateEntry
from ...spec.record import Record
from ..elaborate.typed import Leaf, TypedGraph, places


class Side(Record):
    """One of two models, by the paths of its layers, blocks and containers.

    places: each, in the order of `state_dict`. inside: those directly within each, by its path
    with a dot behind it. held: what a checkpoint keeps of each place, by the rest of the names.
    unknown: those in which files of one's own hold what is not known here.
    """

    graph: TypedGraph
    places: Mapping[str, Leaf]
    inside: Mapping[str, Sequence[Leaf]]
    held: Mapping[str, Mapping[str, StateEntry]]
    unknown: frozenset[str]

    def holds(self, leaf: Leaf) -> bool:
        """Whether a checkpoint keeps something of a place."""
        return bool(self.held[leaf.path]) or leaf.path in self.unknown


def side(graph: TypedGraph) -> Side:
    """A model's side of a comparison."""
    found: dict[str, Leaf] = {}
    inside: dict[str, list[Leaf]] = {}
    held: dict[str, dict[str, StateEntry]] = {}
    unknown: set[str] = set()
    for leaf in places(graph.root):
        # Expressions have no place among the layers.
        if leaf.typed.name is None:
            continue
        found[leaf.path] = leaf
        inside.setdefault(leaf.within, []).append(leaf)
        held.setdefault(leaf.path, {})
        for name, _, entry in leaf.state():
            for outer in _around(leaf, found) if entry.persistent else ():
                held[outer][name.removeprefix(outer)] = entry
        if leaf.typed.layer is not None and leaf.typed.layer.is_own:
            unknown.update(_around(leaf, found))
    return Side(graph, found, inside, held, frozenset(unknown))


def _around(leaf: Leaf, found: Mapping[str, Leaf]) -> list[str]:
    """The paths of a place and of all around it."""
    paths = [leaf.path]
    while leaf.within:
        leaf = found[leaf.within[:-1]]
        paths.append(leaf.path)
    return paths


def paired(old: Side, new: Side) -> dict[str, str]:
    """For each place of the new model its path in the old one, whether that exists or not."""
    found: dict[str, str] = {"": ""}
    for path, leaf in new.places.items():
        found[path] = old_path(leaf, found[leaf.within[:-1]], old)
    del found[""]
    return found


def old_path(leaf: Leaf, outer: str, old: Side) -> str:
    """A new place's path in the old model, whether that exists or not.

    outer: the old path of what is around it.
    """
    within = f"{outer}." if outer else ""
    earlier = (within + name for name in earlier_names(leaf))
    return next((name for name in earlier if name in old.places), within + leaf.own_name)


def earlier_names(leaf: Leaf) -> list[str]:
    """What the own part of a place's path was before, by what `renamed_from` says."""
    typed, own = leaf.typed, leaf.own_name
    renamed = typed.node.renamed_from
    if not renamed or typed.name is None:
        return []
    if typed.number is None:
        return [name + own.removeprefix(typed.name) for name in renamed]
    time = int(own) - int(typed.number)
    numbers = [str(int(name) + time) for name in renamed if name.isdigit()]
    return numbers + [name for name in renamed if not name.isdigit() and time == 0]


def is_unnamed(leaf: Leaf) -> bool:
    """Whether a place is called after its type or its number, since the spec gives it no name."""
    return not leaf.typed.node.names and not leaf.typed.node.template
