"""What changes for the weights that were kept: names, shapes, element types, ties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...spec.layers.base import StateEntry
from ...spec.record import Record
from ...spec.source import Path
from ...spec.tensor.dtype import category, itemsize, rank
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.typed import Leaf
from ..resolve.graph import ModuleUse
from .change import Change, Sides
from .pair import Side
from .suggest import Suggestion

_MIGRATE = "carry old weights over with --migrate migrate.py"


Told = tuple[frozenset[Path | None], frozenset[Path | None]]
"""Entries of the old spec, and of the new one."""


class Found(Record):
    """One difference at one place; those of one entry of the spec are told together.

    text: with `{old}` and `{new}` for the paths. tensors: what it concerns, each in words.
    """

    code: str
    text: str
    breaks: bool
    old: Leaf | None
    new: Leaf | None
    tensors: tuple[str, ...] = ()
    help: str | None = None


def checkpoint_changes(
    old: Side,
    new: Side,
    pairs: Mapping[str, str | None],
    proposed: list[Suggestion],
    sides: Sides,
) -> tuple[list[Change], Told]:
    """Why weights that were kept do not load any more, or mean something else.

    pairs: for each new place the old one that holds the same.
    Gives also the entries whose other computation goes without saying then.
    """
    said = {one.new.path: one for one in proposed}
    found = [one for leaf in new.places.values() for one in _at(leaf, old, new, pairs, said, sides)]
    found += _gone(old, pairs)
    found += _tied(old, new, pairs)
    made = [one for one in found if one.code in ("added", "removed", "reshaped")]
    old_paths, new_paths = ({_path(one.old) for one in made}, {_path(one.new) for one in made})
    told = (frozenset(old_paths) - {None}, frozenset(new_paths) - {None})
    return _grouped(found, sides), told


def _at(
    leaf: Leaf,
    old: Side,
    new: Side,
    pairs: Mapping[str, str | None],
    proposed: Mapping[str, Suggestion],
    sides: Sides,
) -> Iterator[Found]:
    """What changes at a place of the new model."""
    was = old.places.get(pairs[leaf.path] or "")
    if was is None:
        outer = pairs.get(leaf.within[:-1], "")
        if new.holds(leaf) and (not leaf.within or outer in old.places):
            yield Found("added", "{new} is new", True, None, leaf, _tensors(new, leaf))
        return
    if was.own_name != leaf.own_name and old.holds(was):
        yield _renamed(was, leaf, old, proposed.get(leaf.path))
    yield from _reshaped(was, leaf)
    yield from _own(was, leaf, sides)


def _renamed(was: Leaf, leaf: Leaf, old: Side, proposed: Suggestion | None) -> Found:
    tensors = _tensors(old, was)
    if proposed is None:
        return Found("renamed", "{old} is {new} now", True, was, leaf, tensors, _MIGRATE)
    if proposed.is_renumbered:
        text = "{old} is {new} now: layers without a name are counted"
        help = "give what is new before it a name: layers with one are not counted"
        if _count(leaf) < _count(was):
            names = " and ".join(f'name = "{name}"' for name in proposed.together)
            help = f"give what stays the names that it had: {names}"
        return Found("renumbered", text, True, was, leaf, tensors, help)
    text = "{old} is gone, and {new} stands in its place and is like it"
    help = f'where it is the same layer, say so: renamed_from = "{was.own_name}"'
    return Found("replaced", text, True, was, leaf, tensors, help)


def _count(leaf: Leaf) -> int:
    """The number in the name of a layer that has no name of its own."""
    digits = leaf.own_name[len(leaf.own_name.rstrip("0123456789")) :]
    return int(digits or 0)


def _gone(old: Side, pairs: Mapping[str, str | None]) -> Iterator[Found]:
    stay = set(pairs.values())
    for path, leaf in old.places.items():
        is_outermost = not leaf.within or leaf.within[:-1] in stay
        if path not in stay and is_outermost and old.holds(leaf):
            yield Found("removed", "{old} is gone", True, leaf, None, _tensors(old, leaf))


def _reshaped(was: Leaf, leaf: Leaf) -> Iterator[Found]:
    """What changes of the tensors of one layer."""
    before, after = _own_state(was), _own_state(leaf)
    for name in (name for name in before if name in after):
        one, other = before[name], after[name]
        if one.persistent != other.persistent:
            text = (
                "{new} is kept in checkpoints now" if other.persistent else "{new} is kept no more"
            )
            yield Found("persistence", text, True, was, leaf, (_shown(name, other.type, leaf),))
        elif one.persistent and one.type.shape != other.type.shape:
            told = f"{_shown(name, other.type, leaf)}, was {shape_text(one.type.shape)}"
            yield Found("reshaped", "{new} has another shape", True, was, leaf, (told,))
        elif one.persistent and one.type.dtype != other.type.dtype:
            yield _retyped(name, one.type, other.type, was, leaf)
    kept = {name for name, entry in after.items() if entry.persistent}
    known = {name for name, entry in before.items() if entry.persistent}
    added = tuple(_shown(n, after[n].type, leaf) for n in after if n in kept - before.keys())
    if added:
        yield Found("added", "{new} holds more", True, was, leaf, added)
    removed = tuple(_shown(n, before[n].type, was) for n in before if n in known - after.keys())
    if removed:
        yield Found("removed", "{new} holds less", True, was, leaf, removed)


def _retyped(name: str, one: TensorType, other: TensorType, was: Leaf, leaf: Leaf) -> Found:
    """Loading converts: what the new type cannot mean is lost silently, which breaks."""
    told = f"{_named(name, leaf)} {other.dtype}, was {one.dtype}"
    loses = rank(category(other.dtype)) < rank(category(one.dtype))
    text = "{new} has another element type"
    if not loses and itemsize(other.dtype) < itemsize(one.dtype):
        text += ": what was kept is rounded when it is loaded"
    return Found("retyped", text, loses, was, leaf, (told,))


def _own(was: Leaf, leaf: Leaf, sides: Sides) -> Iterator[Found]:
    """Layers from files of one's own: they hold the same where all that makes them is the same."""
    one, other = _made(was, sides, "old"), _made(leaf, sides, "new")
    if (one or other) and one != other:
        text = "what {new} holds is known to its own file alone, and what makes it is not as it was"
        help = "compare the state_dict of both, and let it through with --allow checkpoints"
        yield Found("unknown", text, True, was, leaf, (), help)


def _made(leaf: Leaf, sides: Sides, which: str) -> tuple[object, ...] | None:
    layer = leaf.typed.layer
    action = leaf.typed.node.action
    if layer is None or not layer.is_own or not isinstance(action, ModuleUse) or not action.own:
        return None
    texts = (sides.old if which == "old" else sides.new).texts
    arguments = tuple((name, repr(value)) for name, value in layer)
    return (type(layer).__name__, texts[action.own.file.name], arguments)


def _tied(old: Side, new: Side, pairs: Mapping[str, str | None]) -> Iterator[Found]:
    """Parameters that are another one now: of two values that were kept, one is lost."""
    names = old_tensors(new, pairs)
    before = old.graph.ties
    for name, target in new.graph.ties.items():
        was, other = names.get(name), names.get(target)
        known = {tensor for leaf in old.places.values() for tensor, _, _ in leaf.state()}
        if was not in known or (was is not None and _root(was, before) == _root(other, before)):
            continue
        leaf = _holder(name, new)
        text = f"{name} is {target} now: of the values that were kept, one is lost"
        yield Found("tied", text, True, None, leaf)


def _root(name: str | None, ties: Mapping[str, str]) -> str | None:
    return ties.get(name, name) if name is not None else None


def _holder(name: str, side: Side) -> Leaf:
    """The innermost place that holds a tensor."""
    path = name if name in side.places else name.rpartition(".")[0]
    while path not in side.places:
        path = path.rpartition(".")[0]
    return side.places[path]


def old_tensors(new: Side, pairs: Mapping[str, str | None]) -> dict[str, str]:
    """For each tensor of the new model what it was called, where its layer was there."""
    found = {}
    for path, leaf in new.places.items():
        was = pairs[path]
        for name, _, _ in leaf.state() if was is not None else ():
            found[name] = f"{was}{name.removeprefix(path)}"
    return found


def _own_state(leaf: Leaf) -> dict[str, StateEntry]:
    return {name.removeprefix(leaf.path): entry for name, _, entry in leaf.state()}


def _named(name: str, leaf: Leaf) -> str:
    return f"{leaf.path}{name}"


def _shown(name: str, type: TensorType, leaf: Leaf) -> str:
    return f"{_named(name, leaf)} {shape_text(type.shape)}"


def _tensors(side: Side, leaf: Leaf) -> tuple[str, ...]:
    held = side.held[leaf.path]
    found = tuple(f"{leaf.path}{name} {shape_text(e.type.shape)}" for name, e in held.items())
    return found or ("what it holds is known to its own file alone",)


def _grouped(found: list[Found], sides: Sides) -> list[Change]:
    """What is told: one change for each entry of the spec, however often it is used."""
    groups: dict[tuple[object, ...], list[Found]] = {}
    for one in found:
        groups.setdefault((one.code, one.text, _path(one.old), _path(one.new)), []).append(one)
    return [_told(group, sides) for group in groups.values()]


def _path(leaf: Leaf | None) -> Path | None:
    return leaf.typed.node.path if leaf is not None else None


def _told(group: list[Found], sides: Sides) -> Change:
    first = group[0]
    old, new = (leaf.path if leaf is not None else "" for leaf in (first.old, first.new))
    more = len({(_leaf_path(one.old), _leaf_path(one.new)) for one in group}) - 1
    also = f" (and {more} more from the same entry)" if more else ""
    details = tuple(text for one in group for text in one.tensors)
    return Change(
        "checkpoints",
        first.code,
        first.text.replace("{old}", old).replace("{new}", new) + also,
        any(one.breaks for one in group),
        details=details,
        help=first.help,
        **sides.places(_path(first.old), _path(first.new)),
    )


def _leaf_path(leaf: Leaf | None) -> str | None:
    return leaf.path if leaf is not None else None
