"""Checks that the earlier names of layers are free now, and each one layer's alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...spec.names import shown
from ...spec.source import Path
from ..resolve.problems import Problems
from .typed import TypedGraph, TypedNode


def check_renamed(typed: TypedGraph, problems: Problems) -> None:
    """Reports earlier names that something has, and those that two layers claim."""
    scopes = [typed.root, *(use for uses in typed.blocks.values() for use in uses)]
    for scope in scopes:
        _check(scope.nodes, problems)


def _check(nodes: Sequence[TypedNode], problems: Problems) -> None:
    """Holds the entries of one class or container to each other, then those inside them."""
    siblings = list(_siblings(nodes))
    taken = {name: typed.node.path for typed in siblings for name in attributes(typed)}
    claimed: dict[str, Path] = {}
    for typed in siblings:
        place: Path = (*typed.node.path, "renamed_from")
        is_list = isinstance(problems.raw(place), list)
        for index, name in enumerate(typed.node.renamed_from):
            at = (*place, index) if is_list else place
            if name in taken:
                _report_taken(name, at, taken[name], typed.node.path, problems)
            elif name in claimed:
                said = f"two layers can't both have been {shown(name)}"
                problems.error("name-clash", said, at, labels=[(claimed[name], None, "the other")])
            claimed.setdefault(name, at)
    for typed in siblings:
        # The times of a repeat hold the same entries.
        for one in typed.times or (typed,):
            _check(one.children, problems)


def _report_taken(name: str, at: Path, holder: Path, own: Path, problems: Problems) -> None:
    if holder == own:
        said, labels = f"this is still called {shown(name)}", []
    else:
        said = f"{shown(name)} still exists: it can't be what this was called before"
        labels = [(holder, None, f"this is {shown(name)}")]
    problems.error("name-clash", said, at, labels=labels)


def _siblings(nodes: Sequence[TypedNode]) -> Iterator[TypedNode]:
    """Entries, with those of recurrences that add no name."""
    for typed in nodes:
        if typed.length is not None and typed.name is None and not typed.times:
            yield from _siblings(typed.children)
        else:
            yield typed


def attributes(typed: TypedNode) -> tuple[str, ...]:
    """The names that an entry takes among those around it."""
    if typed.named:
        return typed.named
    if typed.name is None or (typed.absent and typed.number is not None):
        return ()
    if typed.number is None or typed.node.shared:
        return (typed.name,)
    return tuple(str(int(typed.number) + index) for index in range(typed.count))
