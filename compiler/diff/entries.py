"""The entries of two specs side by side: what is written otherwise, whatever comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from ...spec.kinds import describe
from ...spec.record import Record
from ...spec.source import Path
from .change import Change, Sides

_NOT_COMPUTED: Final = frozenset(["name", "renamed_from", "keep", "recompute", "layers"])
"""Keys of an entry that say nothing of what is computed."""
_AROUND: Final = frozenset(
    """type expr inputs when repeat shared parametrize call scan carry dim outputs value shape
    dtype persistent""".split()
)
"""Keys that are no arguments of what an entry makes."""


class Compared(Record):
    """What is known of the entries of two specs.

    matched: the old entries of new ones that hold the same.
    told_old, told_new: those of which enough is said already.
    made_old, made_new: what each makes, arguments settled.
    """

    sides: Sides
    matched: Mapping[Path, Path]
    told_old: frozenset[Path | None]
    told_new: frozenset[Path | None]
    made_old: Mapping[Path, frozenset[object]]
    made_new: Mapping[Path, frozenset[object]]


def entry_changes(compared: Compared) -> list[Change]:
    """The entries of the model and of its blocks that are written otherwise, and mean it."""
    old, new = compared.sides.old.value, compared.sides.new.value
    scopes: list[Path] = [("model",)]
    before, after = old.get("blocks"), new.get("blocks")
    if isinstance(before, dict) and isinstance(after, dict):
        scopes += [("blocks", name) for name in after if name in before]
    found: list[Change] = []
    for path in scopes:
        one, other = _at(old, path), _at(new, path)
        found += _params(path, one, other, compared.sides)
        layers: Path = (*path, "layers")
        found += _aligned(layers, layers, one, other, compared)
    return found


def _at(value: object, path: Path) -> Mapping[str, Any]:
    for key in path:
        value = value[key]  # type: ignore[index]
    assert isinstance(value, dict)
    return value


def _params(
    path: Path, old: Mapping[str, Any], new: Mapping[str, Any], sides: Sides
) -> Iterator[Change]:
    before, after = old.get("params", {}), new.get("params", {})
    for name in after:
        if name in before and before[name] != after[name]:
            said = f"{name} is {shown(after[name])}, was {shown(before[name])}"
            at: Path = (*path, "params", name)
            yield _change("param", said, sides, at, at)


def _aligned(
    old_path: Path,
    new_path: Path,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    compared: Compared,
) -> Iterator[Change]:
    """The entries of one list against those of another one."""
    olds, news = (_entries(section.get("layers")) for section in (old, new))
    same = {was: was for was in compared.matched.values()}
    left = [_key(entry, (*old_path, place), same) for place, entry in enumerate(olds)]
    right = [_key(entry, (*new_path, p), compared.matched) for p, entry in enumerate(news)]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        ones, others = range(a, b), range(c, d)
        if len(ones) != len(others):
            yield from _apart(old_path, ones, olds, compared, is_new=False)
            yield from _apart(new_path, others, news, compared, is_new=True)
            continue
        for one, other in zip(ones, others, strict=True):
            places = (*old_path, one), (*new_path, other)
            if places[0] not in compared.told_old and places[1] not in compared.told_new:
                yield from _entry(*places, olds[one], news[other], compared)


def _apart(
    path: Path,
    places: Sequence[int],
    entries: Sequence[Mapping[str, Any]],
    compared: Compared,
    *,
    is_new: bool,
) -> Iterator[Change]:
    """Entries that the other spec has not."""
    told = compared.told_new if is_new else compared.told_old
    for place in places:
        here = (*path, place)
        if here in told:
            continue
        label, sides = _label(entries[place], path), compared.sides
        if is_new:
            yield _change("entry-added", f"{label} is new", sides, None, here)
        else:
            yield _change("entry-removed", f"{label} is gone", sides, here, None)


def _entries(layers: object) -> list[Mapping[str, Any]]:
    written = layers if isinstance(layers, list) else []
    return [{"type": item} if isinstance(item, str) else item for item in written]


def _key(entry: Mapping[str, Any], path: Path, matched: Mapping[Path, Path]) -> tuple[object, ...]:
    """What an entry is aligned by: the weights that it holds, its name, else what it is."""
    if path in matched:
        return ("same", matched[path])
    if "name" in entry:
        return ("name", str(entry["name"]))
    return ("unnamed", str(entry.get("type", entry.get("expr", "layers"))))


def _entry(
    old_path: Path,
    new_path: Path,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    compared: Compared,
) -> Iterator[Change]:
    """What one entry says otherwise."""
    label = _label(new, new_path[:-1])
    keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
    if "type" in keys:
        said = f"{label} is {_shown_type(new)}, was {_shown_type(old)}"
        if "name" not in new:
            said = f"{label} stands where {_shown_type(old)} was"
        yield _change("entry", said, compared.sides, old_path, new_path)
        keys = []
    made = compared.made_old.get(old_path), compared.made_new.get(new_path)
    for key in keys:
        is_argument = key not in _AROUND and None not in made
        if key in _NOT_COMPUTED or (is_argument and made[0] == made[1]):
            continue
        now = shown(new[key]) if key in new else "not given"
        was = shown(old[key]) if key in old else "not given"
        places = _inside(old_path, old, key), _inside(new_path, new, key)
        said = f"{key} of {label} is {now}, was {was}"
        yield _change("entry", said, compared.sides, *places)
    if "layers" in old and "layers" in new:
        paths: tuple[Path, Path] = ((*old_path, "layers"), (*new_path, "layers"))
        yield from _aligned(*paths, old, new, compared)


def _inside(path: Path, entry: Mapping[str, Any], key: str) -> Path:
    return (*path, key) if key in entry else path


def _label(entry: Mapping[str, Any], around: Path) -> str:
    """What an entry is called, and in which block.

    around: the list in which it stands.
    """
    name = entry.get("name")
    said = ", ".join(name) if isinstance(name, list) else name
    said = said or entry.get("type", "a container" if "layers" in entry else "an expression")
    return f"{said} in {around[1]}" if around[0] == "blocks" else str(said)


def _shown_type(entry: Mapping[str, Any]) -> str:
    if "type" in entry:
        return str(entry["type"])
    return "an expression" if "expr" in entry else "a container"


def shown(value: object) -> str:
    """A value as it is written in a spec."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {shown(item)}' for key, item in value.items())} }}"
    return describe(value)


def _change(code: str, said: str, sides: Sides, old: Path | None, new: Path | None) -> Change:
    return Change("numerics", code, said, False, **sides.places(old, new))
