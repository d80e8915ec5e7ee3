"""`[data]`, read: the source by the class that it names, what else is said by its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ...spec.record import Record
from ...spec.source import Path
from ..resolve.problems import Problems
from .read_table import named_class, read_table, split_keys

if TYPE_CHECKING:
    from ...spec.data.base import Source
    from ...spec.data.inputs import InputColumns
    from ...spec.data.split import Split

PATH: Final[Path] = ("data",)
OWN: Final = ("inputs", "target", "split")
"""The keys of `[data]` that are not arguments of its source."""


class Data(Record):
    """What `[data]` says.

    inputs: of each input that the spec speaks of.
    target: of a table, the target's column.
    has_target: false where `target = false` says that the rows have none.
    """

    source: Source
    inputs: Mapping[str, InputColumns]
    target: str | None
    has_target: bool
    split: Split | None


def read_data(problems: Problems) -> Data | None:
    """The section, or None after reporting what is wrong with it."""
    before = len(problems.found)
    table = problems.raw(PATH)
    own, arguments = split_keys(table if isinstance(table, dict) else {}, OWN)
    inputs = _inputs(own.get("inputs", {}), problems)
    split = _split(own["split"], problems) if "split" in own else None
    has_target = own.get("target") is not False
    target = own.get("target") if has_target else None
    source = _source(arguments, target, problems)
    if isinstance(table, dict) and table.get("type") == "lists":
        target = None  # It is one of the lists.
    elif target is not None and not isinstance(target, str):
        said = "target must be the name of a column, or false where there is none"
        problems.error("invalid-value", said, (*PATH, "target"))
    if source is None or len(problems.found) > before:
        return None
    return Data(source, inputs, target, has_target, split)


def _source(arguments: Mapping[str, Any], target: object, problems: Problems) -> Source | None:
    kind: type[Source] | None = named_class("data", "a data source", PATH, problems)
    if kind is None:
        return None
    if kind.type_name() == "lists":
        from .read_lists import read_lists

        return read_lists(arguments, target, problems)
    what = f"[data] of type {kind.type_name()}"
    return read_table(kind, arguments, PATH, problems, what=what, other_keys=("type", *OWN))


def _inputs(tables: object, problems: Problems) -> dict[str, InputColumns]:
    """What is said of each input; those with problems are left out."""
    path: Path = (*PATH, "inputs")
    if not isinstance(tables, dict):
        problems.error("invalid-value", "inputs must be a table", path)
        return {}
    found = {}
    for name, table in tables.items():
        # Imported where there are any: most specs say nothing of their inputs.
        from ...spec.data.inputs import InputColumns

        read = _table(InputColumns, table, (*path, name), name, problems)
        if read is not None:
            found[name] = read
    return found


def _split(table: object, problems: Problems) -> Split | None:
    from ...spec.data.split import Split

    split: Split | None = _table(Split, table, (*PATH, "split"), "split", problems)
    return split


def _table(kind: Any, table: object, path: Path, what: str, problems: Problems) -> Any:
    if not isinstance(table, dict):
        problems.error("invalid-value", f"{what} must be a table", path)
        return None
    return read_table(kind, table, path, problems, what=what)
