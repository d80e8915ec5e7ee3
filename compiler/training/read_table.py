"""Reads one table of the spec by the class that knows its keys; complaints in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.names import snake_case
from ...spec.refusal import Refusal
from ...spec.schema import Schema
from ...spec.source import Path
from ..resolve.problems import Part, Problems
from ..resolve.retyped import meant_word, retyped

T = TypeVar("T", bound=Schema)
_ALIASES: Final = {"learning_rate": "lr", "num_epochs": "epochs", "max_epochs": "epochs"}
"""What other libraries call a key."""
_EXPECTED = {
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "tuple_type": "a list",
}


def read_table(
    table: type[T],
    values: Mapping[str, object],
    path: Path,
    problems: Problems,
    *,
    what: str,
    other_keys: Iterable[str] = (),
) -> T | None:
    """The table at `path`, or None after reporting what is wrong with it.

    what: what the keys belong to, such as "SGD" or "[training]".
    other_keys: further keys that may stand there, which were taken out of `values`.
    """
    known = [*other_keys, *table.model_fields]
    try:
        return table.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
    except Refusal as refusal:
        report_refusal(refusal, values, path, problems)
        return None
    stray = [one["loc"] for one in found if one["type"] == "extra_forbidden"]
    meant = {str(loc[0]): _meant(str(loc[0]), known) for loc in stray if not loc[1:]}
    for details in found:
        # What is missing may only be misspelt.
        if details["type"] != "missing" or str(details["loc"][-1]) not in meant.values():
            _report(details, path, problems, what, known, table, values)
    if not meant:
        return None
    # Whatever else is wrong is told in the same run.
    mended = _mended(values, meant, path, problems)
    own = {key for key in meant.values() if key is not None and key in other_keys}
    left = {key: value for key, value in mended.items() if key not in own}
    read = read_table(table, left, path, problems, what=what, other_keys=other_keys)
    return None if own else read


def _meant(key: str, known: Sequence[str]) -> str | None:
    """The key that an unknown one may have been meant for."""
    alias = _ALIASES.get(key)
    return alias if alias in known else registry.closest(key, known)


def _mended(
    values: Mapping[str, object], meant: Mapping[str, str | None], path: Path, problems: Problems
) -> dict[str, object]:
    """A table with its unknown keys as they were meant, or without them."""
    mended = {key: value for key, value in values.items() if key not in meant}
    for key, close in meant.items():
        if close is None or close in mended:
            continue
        mended[close] = values[key]
        if problems.raw((*path, key)) is not None:
            problems.mend((*path, key), close)
    return mended


def tables(problems: Problems, name: str) -> list[tuple[Path, Mapping[str, Any]]]:
    """The tables of a section that may be one or several, each with its place."""
    value = problems.raw((name,))
    if isinstance(value, list):
        return [((name, i), item if isinstance(item, dict) else {}) for i, item in enumerate(value)]
    return [((name,), value if isinstance(value, dict) else {})]


def named_class(package: str, what: str, path: Path, problems: Problems) -> Any:
    """The class of `spec.<package>` that the `type` of the table at `path` names."""
    table = problems.raw(path)
    name = table.get("type") if isinstance(table, dict) else None
    # A source of data is a function, so its type is the class's name in snake_case.
    style = snake_case if package == "data" else str
    names = {style(known): known for known in registry.families(package)}
    if name is None:
        problems.error("missing-key", f"[{path[0]}] needs a type", path, help='add type = "…"')
    elif not isinstance(name, str):
        problems.error("wrong-type", "type must be a string", (*path, "type"))
    elif name not in names:
        unknown_name(name, names, what, (*path, "type"), problems)
    else:
        return registry.load(package, names[name])
    return None


def placed(path: Path, texts: Sequence[str], problems: Problems) -> Iterator[tuple[Path, str]]:
    """The texts of a key that takes one or a list of them, each with its place."""
    if isinstance(problems.raw(path), str):
        yield from ((path, text) for text in texts)
    else:
        yield from (((*path, index), text) for index, text in enumerate(texts))


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def split_keys(
    table: Mapping[str, Any], own: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A table's own keys, and the rest: the arguments of what its `type` names."""
    names = {"type", *own}
    mine = {key: value for key, value in table.items() if key in names and key != "type"}
    return mine, {key: value for key, value in table.items() if key not in names}


def report_refusal(
    refusal: Refusal, values: Mapping[str, object], path: Path, problems: Problems
) -> None:
    """Reports a refusal at the argument at fault, or at the table where that was left out."""
    at_fault = [name for name in (refusal.argument, refusal.other) if name in values]
    labels = [((*path, str(name)), None, "the other half") for name in at_fault[1:]]
    place = (*path, str(at_fault[0])) if at_fault else path
    problems.error(refusal.code, refusal.message, place, labels=labels, help=refusal.help)


def unknown_name(
    name: object,
    known: Iterable[str],
    what: str,
    path: Path,
    problems: Problems,
    *,
    part: Part = "value",
) -> None:
    """Reports a name that means nothing, with the one that it may have meant."""
    names = sorted(known)
    close, meant = registry.closest(str(name), names), registry.slip(str(name), names)
    problems.error(
        "unknown-name",
        f"{name!s} is not {what}",
        path,
        part=part,
        help=f"did you mean {close}?" if close else f"there are {', '.join(names)}",
        replacement=(meant if part == "key" else f'"{meant}"') if meant else None,
    )


def _report(
    details: ErrorDetails,
    path: Path,
    problems: Problems,
    what: str,
    known: list[str],
    table: type[Schema],
    values: Mapping[str, object],
) -> None:
    location = details["loc"]
    place = (*path, *location)
    key = str(location[-1]) if location else ""
    match details["type"]:
        case "extra_forbidden":
            inner = _inner(table, location[:-1])
            names = known if inner is table else list(inner.model_fields)
            close = _meant(key, names)
            help = f"did you mean {close}?" if close else f"known keys: {', '.join(names)}"
            beside = problems.raw(place[:-1])
            if isinstance(beside, dict) and close in beside:
                help = f"{close} is given already: remove one of them"
            problems.error(
                "unknown-key",
                f"{key} is not a key of {_owner(location, what)}",
                place,
                part="key",
                help=help,
                replacement=close if close == _ALIASES.get(key) else registry.slip(key, names),
            )
        case "missing":
            said = f"{_owner(location, what)} needs {key}"
            problems.error("missing-key", said, place[:-1], help=f"add {key} = …")
        case kind:
            expected = _EXPECTED.get(kind)
            said = details["msg"].removeprefix("Value error, ")
            said = f"must be {expected}" if expected else said
            meant = retyped(table.model_validate, values, location) or meant_word(table, details)
            problems.error(
                "invalid-value", f"{_subject(location, what)} {said}", place, replacement=meant
            )


def _subject(location: tuple[int | str, ...], what: str) -> str:
    """What at a place within a table is spoken of: `plots[1] of [training]`."""
    if not location:
        return what
    *outer, last = location
    if isinstance(last, int) and outer:
        return f"{_subject((*outer[:-1], f'{outer[-1]}[{last}]'), what)}"
    return f"{last} of {_owner(location, what)}"


def _owner(location: tuple[int | str, ...], what: str) -> str:
    """The table that has the key at a place: `what`, or one within, such as `start[1]`."""
    match location[:-1]:
        case ():
            return what
        case (*_, str(name), int(index)):
            return f"{name}[{index}]"
    return str(location[-2])


def _inner(table: type[Schema], location: tuple[int | str, ...]) -> type[Schema]:
    """The class of the table at a place within `table`."""
    for step in location:
        field = table.model_fields.get(str(step))
        if field is not None:
            candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
            inner = [c for c in candidates if isinstance(c, type) and issubclass(c, Schema)]
            table = inner[0] if inner else table
    return table
