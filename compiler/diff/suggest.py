"""Layers that are surely the same under another name, which nobody has said.

They are proposed, never taken for granted: weights in the wrong place are worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from ...spec.record import Record
from ..elaborate.typed import Leaf
from .pair import Side, is_unnamed, old_path


class Suggestion(Record):
    """Two places that hold the same.

    is_renumbered: whether both are unnamed, and only counted otherwise.
    together: what all those were called that are counted with it, and stay.
    """

    old: Leaf
    new: Leaf
    is_renumbered: bool
    together: tuple[str, ...] = ()


def suggested(old: Side, new: Side) -> tuple[dict[str, str | None], list[Suggestion]]:
    """For each new place the old one that holds the same, None for what is surely new; and what
    of that nobody has said, the outermost places."""
    found: dict[str, str | None] = {"": ""}
    proposed: list[Suggestion] = []
    for within, news in new.inside.items():
        outer = found[within[:-1]]
        if outer is None:
            found |= dict.fromkeys((leaf.path for leaf in news), None)
            continue
        pairs = {leaf.path: old_path(leaf, outer, old) for leaf in news}
        olds = old.inside.get(f"{outer}." if outer else "", ())
        here = _renumbered(old, new, olds, news) or _renamed(old, new, olds, news, pairs)
        taken = {one.old.path for one in here}
        kept = {path: None if was in taken else was for path, was in pairs.items()}
        found |= kept | {one.new.path: one.old.path for one in here}
        proposed += here
    return found, proposed


def _signature(side: Side, leaf: Leaf) -> tuple[object, ...]:
    """What a place is, whatever it is called."""
    held = ((name, entry.type) for name, entry in side.held[leaf.path].items())
    return (_kind(leaf), *held)


def _kind(leaf: Leaf) -> str:
    """The type of a layer or block."""
    scope = leaf.typed.scope
    return scope.scope.name if scope is not None else type(leaf.typed.layer).__name__


def _renumbered(
    old: Side, new: Side, olds: Sequence[Leaf], news: Sequence[Leaf]
) -> list[Suggestion]:
    """Unnamed layers that hold tensors, aligned by the order in which they stand."""
    if _counted(old, olds) == _counted(new, news):
        return []
    left = [_token(old, leaf) for leaf in olds]
    right = [_token(new, leaf) for leaf in news]
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    aligned = [(olds[b.a + offset], news[b.b + offset]) for b in blocks for offset in range(b.size)]
    counted = [p for p in aligned if is_unnamed(p[0]) and is_unnamed(p[1]) and old.holds(p[0])]
    found = []
    for was, now in counted:
        if was.own_name != now.own_name:
            others = [one.own_name for one, _ in counted if _kind(one) == _kind(was)]
            found.append(Suggestion(was, now, True, tuple(others)))
    return found


def _counted(side: Side, leaves: Sequence[Leaf]) -> list[tuple[object, ...]]:
    """The unnamed layers that hold tensors, as a checkpoint knows them."""
    held = (leaf for leaf in leaves if is_unnamed(leaf) and side.holds(leaf))
    return [(leaf.own_name, *_signature(side, leaf)) for leaf in held]


def _token(side: Side, leaf: Leaf) -> tuple[object, ...]:
    return _signature(side, leaf) if is_unnamed(leaf) else (leaf.own_name,)


def _renamed(
    old: Side, new: Side, olds: Sequence[Leaf], news: Sequence[Leaf], pairs: Mapping[str, str]
) -> list[Suggestion]:
    """Named layers that alone are gone, and alone are new, between two that stay."""
    kept = {pairs[leaf.path] for leaf in news} & {leaf.path for leaf in olds}
    gone = _gaps(old, olds, [leaf.path for leaf in olds], kept)
    made = _gaps(new, news, [pairs[leaf.path] for leaf in news], kept)
    found = []
    for place, leaves in made.items():
        others = gone.get(place, [])
        one = [_signature(old, leaf) for leaf in others]
        if one != [_signature(new, leaf) for leaf in leaves]:
            continue
        for was, now in zip(others, leaves, strict=True):
            if not (is_unnamed(was) and is_unnamed(now)):
                found.append(Suggestion(was, now, False))
    return found


def _gaps(
    side: Side, leaves: Sequence[Leaf], paths: Sequence[str], kept: set[str]
) -> dict[str, list[Leaf]]:
    """The places that hold tensors between those that stay, by the old path of the one before."""
    found: dict[str, list[Leaf]] = {}
    before = ""
    for leaf, path in zip(leaves, paths, strict=True):
        if path in kept:
            before = path if side.holds(leaf) else before
        elif side.holds(leaf):
            found.setdefault(before, []).append(leaf)
    return found
