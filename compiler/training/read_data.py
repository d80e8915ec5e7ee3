"""`[data]`, read: the source by the class that it names, what else is said by its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ...spec.data.base import RelativePath
from ...spec.data.images import Images
from ...spec.kinds import Choice, Integer
from ...spec.names import names_file
from ...spec.source import Path
from ..elaborate.typed import Known
from ..resolve.problems import Problems
from .data_spec import NOTHING, Data, InputRows
from .read_table import named_class, read_table, split_keys

if TYPE_CHECKING:
    from ...spec.data.base import Source
    from ...spec.data.inputs import TargetColumns
    from ...spec.data.split import Split

PATH: Final[Path] = ("data",)
OWN: Final = ("inputs", "target", "split", "folds", "window", "load")
"""The keys of `[data]` that are not arguments of its source."""


def read_data(
    problems: Problems, inputs: tuple[str, ...], params: Mapping[str, Known]
) -> Data | None:
    """The section, or None after reporting what is wrong with it.

    inputs: the names of the model's inputs. params: the values of its params.
    """
    before = len(problems.found)
    table = problems.raw(PATH)
    own, arguments = split_keys(table if isinstance(table, dict) else {}, OWN)
    said = _inputs(own.get("inputs", {}), problems)
    split = _split(own["split"], problems) if "split" in own else None
    folds = _folds(own.get("folds"), problems)
    has_target = own.get("target") is not False
    written = own.get("target") if has_target else None
    _add_path(arguments, own.get("split"))
    load = _load(own.get("load"), problems)
    source = _source(arguments, written, inputs, problems)
    window = None
    if "window" in own:
        from .read_window import read_window

        window = read_window(own["window"], params, problems)
    is_list = isinstance(table, dict) and table.get("type") in ("lists", "random")
    # A list of rows, or an expression, is the target itself.
    target = None if is_list or written is None else _target(written, problems)
    if isinstance(source, Images) and has_target:
        if written is not None:
            stray = "the target of an image is the class that its folder is"
            problems.error("unknown-key", stray, (*PATH, "target"), part="key")
        target = _target("class", problems)
    if "split" not in own or split is not None:
        _check_split(split, folds, problems)
    found = problems.found[before:]
    if source is None or any(one.code != "unknown-key" or one.fix is None for one in found):
        return None
    known = {name: NOTHING for name in inputs if name not in said}
    return Data(source, {**known, **said}, target, has_target, split, folds, window, load)


def _add_path(arguments: dict[str, Any], split: object) -> None:
    """Where the parts have files of their own, the first one stands for the source's."""
    train = split.get("train") if isinstance(split, dict) and "by" not in split else None
    if isinstance(train, str):
        arguments.setdefault("path", train)


def _source(
    arguments: Mapping[str, Any], target: object, inputs: tuple[str, ...], problems: Problems
) -> Source | None:
    table = problems.raw(PATH)
    written = table.get("type") if isinstance(table, dict) else None
    if isinstance(written, str) and names_file(written):
        from .read_own_source import read_own_source

        for key in arguments:
            stray = f"{key} is not a key of [data] with a function of one's own"
            problems.error("unknown-key", stray, (*PATH, key), part="key")
        return read_own_source(written, problems)
    kind: type[Source] | None = named_class("data", "a data source", PATH, problems)
    if kind is None:
        return None
    if kind.type_name() == "lists":
        from .read_lists import read_lists

        return read_lists(arguments, target, problems)
    if kind.type_name() == "random":
        from .read_random import read_random

        return read_random(arguments, target, inputs, OWN, problems)
    what = f"[data] of type {kind.type_name()}"
    return read_table(kind, arguments, PATH, problems, what=what, other_keys=("type", *OWN))


def _inputs(tables: object, problems: Problems) -> dict[str, InputRows]:
    """What is said of each input; those with problems are left out."""
    path: Path = (*PATH, "inputs")
    if not isinstance(tables, dict):
        problems.error("invalid-value", "inputs must be a table", path)
        return {}
    found = {}
    for name, table in tables.items():
        # Imported where there are any: most specs say nothing of their inputs.
        from ...spec.data.inputs import InputColumns
        from .read_prepare import read_input

        read = _table(InputColumns, table, (*path, name), name, problems)
        if read is not None:
            found[name] = read_input(read, (*path, name), problems)
    return found


def _target(value: object, problems: Problems) -> TargetColumns | None:
    from ...spec.data.inputs import TargetColumns

    path: Path = (*PATH, "target")
    if isinstance(value, dict):
        read: TargetColumns | None = _table(TargetColumns, value, path, "target", problems)
        return read
    if isinstance(value, str):
        return TargetColumns(column=(value,))
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return TargetColumns(column=tuple(value))
    said = "target must be the name of a column, a list of names, or false where there is none"
    problems.error("invalid-value", said, path)
    return None


def _split(table: object, problems: Problems) -> Split | None:
    from ...spec.data.split import Split

    split: Split | None = _table(Split, table, (*PATH, "split"), "split", problems)
    return split


def _load(value: object, problems: Problems) -> str | None:
    try:
        return None if value is None else Choice("memory", "stream").read(value)
    except ValueError as error:
        problems.error("invalid-value", f"load {error}", (*PATH, "load"))
        return None


def _folds(value: object, problems: Problems) -> int | None:
    if value is None:
        return None
    try:
        return Integer(2).read(value)
    except ValueError as error:
        problems.error("invalid-value", f"folds {error}", (*PATH, "folds"))
        return None


def _check_split(split: Split | None, folds: int | None, problems: Problems) -> None:
    """Whether a split says what is needed, and no more."""
    path: Path = (*PATH, "split")
    if split is None:
        return
    if split.kind == "files":
        for part, file in split.parts().items():
            try:
                RelativePath().read(file)
            except ValueError as error:
                problems.error("invalid-value", f"{part} of split {error}", (*path, part))
    if folds is None and not split.parts():
        problems.error("missing-key", "split needs train", path, help="add train = …")
    elif folds is not None and split.parts():
        said = "folds say which rows each part has: split has by, column and seed beside them"
        problems.error("conflict", said, path, labels=[((*PATH, "folds"), None, "the other half")])
    elif folds is not None and split.kind == "time":
        said = (
            "in order of time there are no folds: each but the last would learn from what follows"
        )
        problems.error("conflict", said, (*path, "by"))


def _table(kind: Any, table: object, path: Path, what: str, problems: Problems) -> Any:
    if not isinstance(table, dict):
        problems.error("invalid-value", f"{what} must be a table", path)
        return None
    return read_table(kind, table, path, problems, what=what)
