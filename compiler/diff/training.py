"""What changes in training alone: first values, what is trained, data, losses, optimizers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ...spec.record import Record
from ...spec.schema import Schema
from ...spec.source import Document, Path, path_text
from ...spec.tensor.dim import Dim
from ..compile import Checked
from ..elaborate.typed import TypedGraph, leaves
from ..resolve.graph import TensorUse
from .change import Change, Sides
from .checkpoints import old_tensors
from .entries import shown
from .pair import Side

_SECTIONS: Final = ("data", "loss", "optimizer", "scheduler", "training", "plot")
_PLACES: Final = frozenset(["path", "at", "file", "entry"])
"""Fields that say where something is written."""


def training_changes(
    old: Side,
    new: Side,
    checked: tuple[Checked, Checked],
    pairs: Mapping[str, str | None],
    sides: Sides,
) -> list[Change]:
    """What is trained otherwise; weights, calls and outputs have no part in it."""
    names = old_tensors(new, pairs)
    found = [*_first_values(old, new, names, sides), *_trained(old, new, names, sides)]
    before, after = _meanings(checked[0], sides.old), _meanings(checked[1], sides.new)
    for section in _SECTIONS:
        if before[section] != after[section]:
            one, other = (document.value.get(section) for document in (sides.old, sides.new))
            found += _written((section,), (section,), one, other, sides)
    return found


def _change(
    code: str, said: str, sides: Sides, old: Path | None, new: Path | None, *details: str
) -> Change:
    return Change("training", code, said, False, details=details, **sides.places(old, new))


def _meanings(checked: Checked, document: Document) -> dict[str, object]:
    """What the sections mean, defaults filled in."""
    spec = checked.training
    found: dict[str, object] = dict.fromkeys(_SECTIONS)
    found["plot"] = _plain(checked.curves)
    if spec is None:
        return found
    own = document.files.get(("data", "type"))
    text = document.texts.get(getattr(own, "name", ""))
    return found | {
        "data": (_plain(spec.data), text),
        "loss": (_plain(spec.losses), _plain(spec.targets)),
        "optimizer": (_plain(spec.optimizers), spec.is_partial),
        "scheduler": _plain(spec.schedulers),
        "training": _plain(spec.training),
    }


def _plain(value: object) -> object:
    """A value without the places that it knows."""
    if isinstance(value, Record):
        names = (name for name in value.field_names if name not in _PLACES)
        return (type(value).__name__, *(_plain(getattr(value, name)) for name in names))
    if isinstance(value, Schema):
        return (type(value).__name__, *((name, _plain(item)) for name, item in value))
    if isinstance(value, Mapping):
        return tuple((key, _plain(item)) for key, item in sorted(value.items()))
    if isinstance(value, tuple | list):
        return tuple(map(_plain, value))
    return str(value) if isinstance(value, Dim) else value


def _written(
    old_path: Path, new_path: Path, old: object, new: object, sides: Sides
) -> Iterator[Change]:
    """The values of a section that are written otherwise."""
    if old == new and type(old) is type(new):
        return
    where = path_text(new_path)
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            here = (*old_path, key), (*new_path, key)
            yield from _written(*here, old.get(key), new.get(key), sides)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _written((*old_path, index), (*new_path, index), one, other, sides)
    elif old is None:
        told = "is new" if isinstance(new, dict | list) else f"is {shown(new)}, was not given"
        yield _change("section", f"{where} {told}", sides, None, new_path)
    elif new is None:
        told = "is gone" if isinstance(old, dict | list) else f"is not given, was {shown(old)}"
        yield _change("section", f"{where} {told}", sides, old_path, None)
    else:
        said = f"{where} is {shown(new)}, was {shown(old)}"
        yield _change("section", said, sides, old_path, new_path)


def _trained(old: Side, new: Side, names: Mapping[str, str], sides: Sides) -> Iterator[Change]:
    """Tensors that are trained now and were not, or the other way; ties that are undone."""
    before = {n: entry for leaf in old.places.values() for n, _, entry in leaf.state()}
    for leaf in new.places.values():
        for name, _, entry in leaf.state():
            was = before.get(names.get(name, ""))
            if was is None:
                continue
            one, other = (e.trainable and not e.frozen for e in (was, entry))
            if one != other:
                said = f"{name} is {'trained' if other else 'not trained any more'}"
                place = leaf.typed.node.path
                yield _change("trained", said, sides, None, place)
    tied = {names.get(name) for name in new.graph.ties}
    for name, target in old.graph.ties.items():
        if name in names.values() and name not in tied:
            place = ("model", "tie")
            yield _change("untied", f"{name} is trained apart from {target}", sides, place, place)


def _first_values(old: Side, new: Side, names: Mapping[str, str], sides: Sides) -> Iterator[Change]:
    """Parameters that begin with other values."""
    before, after = _rules(old.graph), _rules(new.graph)
    changed = [
        name
        for name, was in names.items()
        if was in before and name in after and before[was] != after[name]
    ]
    if changed:
        place: Path = ("model", "init")
        said = "parameters get other first values"
        yield _change("first-values", said, sides, place, place, *changed)


def _rules(graph: TypedGraph) -> dict[str, object]:
    """What fills each parameter, where it is not torch's own default."""
    found: dict[str, object] = {}
    for leaf in leaves(graph.root):
        action = leaf.typed.node.action
        own = (_plain(action.value), _plain(action.init)) if isinstance(action, TensorUse) else None
        for name, owner, entry in leaf.unparametrized():
            if not entry.persistent:
                continue
            rules = (
                (rule.function.__name__, _plain(rule.arguments))
                for rule in graph.initial
                if any(pattern.matches(name, owner) for _, pattern in rule.patterns)
            )
            found[name] = (own, next(rules, None))
    return found
