"""How weights that were kept become those of the new model: nothing is guessed, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from ...spec.layers.base import StateEntry
from ...spec.record import Record
from ...spec.tensor.type import shape_text
from ..elaborate.typed import own_leaves
from .checkpoints import old_tensors
from .pair import Side, paired

State = Mapping[str, StateEntry]


class NotCarriedError(Exception):
    """Weights that have no place, or places that have no weights; the message says which."""


class Migration(Record):
    """What happens to each tensor of a checkpoint.

    shapes: of all tensors of the old model. renamed: new names and the old ones.
    tied: new names of what is another tensor of the new model now. dropped: old names.
    fresh: those of the new model that begin anew, with their shapes.
    """

    shapes: Mapping[str, tuple[int, ...]]
    renamed: Mapping[str, str]
    tied: Mapping[str, str]
    dropped: tuple[str, ...]
    fresh: Mapping[str, tuple[int, ...]]

    @property
    def is_needed(self) -> bool:
        """Whether checkpoints don't load as they are."""
        return bool(self.renamed or self.tied or self.dropped or self.fresh)


def migration(old: Side, new: Side, fresh: Sequence[str], drop: Sequence[str]) -> Migration:
    """The way from the old model's weights to the new one's, by names and what `renamed_from` says.

    fresh: patterns of new names that may begin anew. drop: of old names that may be lost.
    Raises `NotCarriedError`.
    """
    for side in (old, new):
        for leaf in own_leaves(side.graph.root):
            raise NotCarriedError(
                f"what {leaf.path} holds is known to its own file alone: such weights are carried"
                " over by hand"
            )
    before, after = _kept(old), _kept(new)
    sources = old_tensors(new, dict(paired(old, new)))
    tied = dict(_tied(old, new, sources, before))
    anew = {
        name
        for name, entry in after.items()
        if name not in tied and not _fits(entry, before.get(sources.get(name, "")))
    }
    used = {sources[name] for name in after if name not in anew and name not in tied}
    # Another shape begins anew: what was there is lost with it.
    replaced = {sources[name] for name in anew if sources.get(name) in before} - used
    lost = before.keys() - used
    chosen = {name for name in anew if _matches(name, fresh)}
    dropped = {name for name in lost if _matches(name, drop)}
    dropped |= {sources[name] for name in chosen if sources.get(name) in replaced}
    _refuse(before, after, sources, [n for n in after if n in anew - chosen])
    _refuse_loss(before, [name for name in before if name in lost - dropped])
    _refuse_patterns(fresh, anew, "--fresh", "begins anew")
    _refuse_patterns(drop, lost, "--drop", "is left behind")
    return Migration(
        {name: _numbers(entry) for name, entry in before.items()},
        {n: sources[n] for n in after if n not in anew and n not in tied and sources[n] != n},
        tied,
        tuple(name for name in before if name in dropped),
        {name: _numbers(entry) for name, entry in after.items() if name in chosen},
    )


def _numbers(entry: StateEntry) -> tuple[int, ...]:
    return tuple(map(int, entry.type.shape))


def _kept(side: Side) -> dict[str, StateEntry]:
    """What a checkpoint of a model holds."""
    found = (item for leaf in side.places.values() for item in leaf.state())
    return {name: entry for name, _, entry in found if entry.persistent}


def _fits(entry: StateEntry, was: StateEntry | None) -> bool:
    return was is not None and was.type.shape == entry.type.shape


def _tied(
    old: Side, new: Side, sources: Mapping[str, str], before: State
) -> Iterator[tuple[str, str]]:
    """Ties that the old model has not: what it kept under the one name is not in use any more."""
    for name, target in new.graph.ties.items():
        was, other = sources.get(name, ""), sources.get(target, "")
        alike = old.graph.ties.get(was, was) == old.graph.ties.get(other, other)
        if was not in before or not alike:
            yield name, target


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _refuse(before: State, after: State, sources: Mapping[str, str], names: list[str]) -> None:
    """Says which tensors of the new model nothing was kept for."""
    if not names:
        return
    told = []
    for name in names:
        was = before.get(sources.get(name, ""))
        shape = shape_text(after[name].type.shape)
        told.append(f"  {name} {shape}" + (f", was {shape_text(was.type.shape)}" if was else ""))
    raise NotCarriedError(
        "nothing that was kept fits these:\n"
        + "\n".join(told)
        + "\nsay what they were called with renamed_from, or let them begin anew:"
        f" --fresh '{names[0]}'"
    )


def _refuse_loss(before: State, names: list[str]) -> None:
    """Says which tensors of the old model have no place."""
    if not names:
        return
    told = "\n".join(f"  {name} {shape_text(before[name].type.shape)}" for name in names)
    raise NotCarriedError(
        f"these have no place any more:\n{told}\nsay what they are called now with renamed_from,"
        f" or leave them behind: --drop '{names[0]}'"
    )


def _refuse_patterns(patterns: Sequence[str], names: set[str], option: str, what: str) -> None:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise NotCarriedError(f"{option} '{pattern}' matches nothing that {what}")
