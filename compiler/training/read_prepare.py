"""`prepare` and `augment` of an input, read: each step by the class that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ...spec import registry
from ...spec.data.inputs import InputColumns
from ...spec.kinds import describe
from ...spec.names import snake_case
from ...spec.preparations.base import Augmentation, Preparation
from ...spec.source import Path
from ..resolve.problems import Problems
from .data_spec import Group, InputRows
from .read_table import read_table, unknown_name

S = TypeVar("S", Preparation, Augmentation)


def read_input(read: InputColumns, path: Path, problems: Problems) -> InputRows:
    """What a spec says of an input; steps with problems are left out."""
    if isinstance(read.columns, tuple):
        _check_columns(read.columns, path, problems)
    groups = tuple(_groups(read, (*path, "prepare"), problems))
    augment = _steps(read.augment, (*path, "augment"), Augmentation, problems)
    return InputRows(read.columns, groups, augment)


def _check_columns(columns: tuple[str, ...], path: Path, problems: Problems) -> None:
    for index, name in enumerate(columns):
        if name in columns[:index]:
            place = (*path, "columns", index)
            problems.error("duplicate-name", f"{name} is given twice", place)


def _groups(read: InputColumns, path: Path, problems: Problems) -> Iterator[Group]:
    """Neighbours that are prepared in the same way."""
    prepare = read.prepare
    if not isinstance(prepare, Mapping):
        yield Group(read.columns, _steps(prepare, path, Preparation, problems))
        return
    columns = read.columns or ()
    for name in prepare:
        if read.columns is None:
            said = "what is prepared column by column needs columns, a list of them all"
            problems.error("missing-key", said, path, part="key", help='columns = ["…"]')
            return
        if name not in columns:
            what = f"a column of {path[-2]}"
            unknown_name(name, columns, what, (*path, name), problems, part="key")
    steps = {name: _steps(prepare[name], (*path, name), Preparation, problems) for name in prepare}
    held: list[str] = []
    for name in columns:
        if held and steps.get(name, ()) != steps.get(held[-1], ()):
            yield Group(tuple(held), steps.get(held[-1], ()))
            held = []
        held.append(name)
    if held:
        yield Group(tuple(held), steps.get(held[-1], ()))


def _steps(value: Any, path: Path, base: type[S], problems: Problems) -> tuple[S, ...]:
    if not isinstance(value, list | tuple):
        is_one = isinstance(value, str)
        said = f"{path[-1]} must be a list of steps, not {describe(value)}"
        problems.error("invalid-value", said, path, help=f'["{value}"]' if is_one else None)
        return ()
    found = (_step(item, (*path, index), base, problems) for index, item in enumerate(value))
    return tuple(step for step in found if step is not None)


def _step(item: Any, path: Path, base: type[S], problems: Problems) -> S | None:
    table = item if isinstance(item, dict) else {"type": item}
    name = table.get("type")
    what = "a preparation" if base is Preparation else "an augmentation"
    if not isinstance(name, str):
        said = f"{what} is a name, or a table with a type, not {describe(item)}"
        problems.error("invalid-value", said, path)
        return None
    kinds = dict(_kinds(base))
    if name not in kinds:
        place = (*path, "type") if table is item else path
        unknown_name(name, kinds, what, place, problems)
        return None
    kind = kinds[name]
    arguments = {key: value for key, value in table.items() if key != "type"}
    return read_table(kind, arguments, path, problems, what=name, other_keys=("type",))


def _kinds(base: type[S]) -> Iterator[tuple[str, type[S]]]:
    for known in registry.families("preparations"):
        found = registry.load("preparations", known)
        if isinstance(found, type) and issubclass(found, base):
            yield snake_case(known), found
