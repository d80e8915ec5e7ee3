"""What the model computes otherwise, with weights of the same shapes."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.source import Path
from ...spec.tensor.dim import Dim
from .change import Change, Sides
from .checkpoints import Told
from .entries import Compared, entry_changes
from .pair import Side
from .trace import Numbers, Tracer, known_key, layer_key


def numeric_changes(
    old: Side,
    new: Side,
    pairs: Mapping[str, str | None],
    words: Mapping[str, Dim],
    sides: Sides,
    told: Told,
) -> list[Change]:
    """Why the outputs are other ones for the same inputs and weights; none where they are not.

    pairs: for each new place the old one that holds the same. words: the new sizes in the old
    model's words. told: the entries of either spec of which enough is said already.
    """
    numbers: Numbers = {}

    def old_path(path: str) -> str:
        if path in pairs:
            return pairs[path] or f"new {path}"
        outer, _, tensor = path.rpartition(".")
        return f"{old_path(outer)}.{tensor}" if outer else path

    before = Tracer(old.graph, sides.old, str, {}, numbers).outputs()
    after = Tracer(new.graph, sides.new, old_path, words, numbers).outputs()
    if before == after:
        return []
    found = entry_changes(_compared(old, new, pairs, sides, told))
    if found or any(told):
        return found
    place: Path = ("model",)
    said = "what is returned is computed in another way"
    return [Change("numerics", "computation", said, False, **sides.places(place, place))]


def _compared(
    old: Side, new: Side, pairs: Mapping[str, str | None], sides: Sides, told: Told
) -> Compared:
    matched = {}
    for path, leaf in new.places.items():
        was = old.places.get(pairs[path] or "")
        if was is not None and new.holds(leaf):
            matched[leaf.typed.node.path] = was.typed.node.path
    return Compared(sides, matched, *told, _made(old), _made(new))


def _made(side: Side) -> dict[Path, frozenset[object]]:
    """What each entry makes, arguments settled, at all its places."""
    found: dict[Path, set[object]] = {}
    for leaf in side.places.values():
        typed = leaf.typed
        made = found.setdefault(typed.node.path, set())
        if typed.layer is not None:
            made.add(layer_key(typed.layer))
        elif typed.scope is not None:
            params = typed.scope.params.items()
            made.add(tuple((name, known_key(value, {})) for name, value in params))
    return {path: frozenset(made) for path, made in found.items()}
