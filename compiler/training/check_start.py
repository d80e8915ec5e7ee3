"""`start` of `[training]`: what is taken from files is in the model, and taken but once."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from ...spec.source import Path
from ...spec.training import Start
from ..elaborate.typed import TypedGraph, leaves, own_leaves
from ..resolve.patterns import OwnerTypes, Pattern, read_pattern
from ..resolve.problems import Problems
from .divide import listed_shortly
from .read_table import placed
from .training_spec import StartTerm, TrainingSpec


def check_start(spec: TrainingSpec, typed: TypedGraph, problems: Problems) -> tuple[StartTerm, ...]:
    """What training starts from; reports what no file could give, and what two files would."""
    types = OwnerTypes(typed.blocks, typed.root.scope.name)
    state = [(name, owner) for leaf in leaves(typed.root) for name, owner, _ in leaf.state()]
    own = [leaf.path for leaf in own_leaves(typed.root)]
    if not state and not own:
        problems.error(
            "no-match",
            f"{typed.root.scope.name} has no weights to start with",
            ("training", "start"),
            part="key",
        )
        return ()
    taken: dict[str, Path] = {}
    terms = []
    for index, start in enumerate(spec.training.start):
        path: Path = ("training", "start", index)
        globs = tuple(_globs(start, path, state, own, types, problems))
        meant = [name for name, _ in state if _is_taken(name, globs)]
        meant += [f"{place}.*" for place in own if not globs or _reaches(place, globs)]
        _check_claim(meant, path, taken, problems)
        terms.append(StartTerm(start.path, globs, start.rename or {}, start.strict))
    return tuple(terms)


def _globs(
    start: Start,
    path: Path,
    state: Sequence[tuple[str, str]],
    own: Sequence[str],
    types: Container[str],
    problems: Problems,
) -> Iterator[str]:
    """What is taken, by names alone: what a pattern with a type matches is listed."""
    for place, text in placed((*path, "match"), start.match, problems):
        pattern = read_pattern(text, types)
        found = [name for name, owner in state if pattern.matches(name, owner)]
        if not found and not any(pattern.type is None and pattern.reaches(one) for one in own):
            names = [name for name, _ in state] or [f"{one}.*" for one in own]
            problems.error(
                "no-match",
                f"{text} matches no parameter or buffer",
                place,
                help=f"there are {listed_shortly(names)}",
            )
        yield from [text] if pattern.type is None else _shortened(found, state)


def _shortened(names: Sequence[str], state: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Some names as globs, where they are all that a module has."""
    for place in dict.fromkeys(name.rpartition(".")[0] for name in names):
        held = [name for name, _ in state if name.startswith(f"{place}.")]
        if place and set(held) <= set(names):
            yield f"{place}.*"
        else:
            yield from (name for name in names if name.rpartition(".")[0] == place)


def _is_taken(name: str, globs: Sequence[str]) -> bool:
    return not globs or any(Pattern(glob).matches(name, "") for glob in globs)


def _reaches(place: str, globs: Sequence[str]) -> bool:
    return any(Pattern(glob).reaches(place) for glob in globs)


def _check_claim(
    meant: Sequence[str], path: Path, taken: dict[str, Path], problems: Problems
) -> None:
    """What one file gives is in no other one; adds it to `taken`."""
    twice = [name for name in meant if name in taken]
    if twice:
        are = "is" if len(twice) == 1 else "are"
        problems.error(
            "covered-twice",
            f"{listed_shortly(twice)} {are} taken from an earlier file already",
            path,
            labels=[(taken[twice[0]], None, "the earlier one")],
            help='match = "…" in each says what is taken from it',
        )
    taken.update(dict.fromkeys(meant, path))
