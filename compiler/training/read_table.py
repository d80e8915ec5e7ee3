"""Reads one table of the spec by the class that knows its keys; complaints in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.names import snake_case
from ...spec.refusal import Refusal
from ...spec.schema import Schema
from ...spec.source import Path
from ..resolve.problems import Part, Problems

T = TypeVar("T", bound=Schema)
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
    try:
        return table.model_validate(dict(values))
    except ValidationError as error:
        known = [*other_keys, *table.model_fields]
        for details in error.errors(include_url=False, include_context=False):
            _report(details, path, problems, what, known, table)
    except Refusal as refusal:
        report_refusal(refusal, values, path, problems)
    return None


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
    close = registry.closest(str(name), names)
    problems.error(
        "unknown-name",
        f"{name!s} is not {what}",
        path,
        part=part,
        help=f"did you mean {close}?" if close else f"there are {', '.join(names)}",
        replacement=(close if part == "key" else f'"{close}"') if close else None,
    )


def _report(
    details: ErrorDetails,
    path: Path,
    problems: Problems,
    what: str,
    known: list[str],
    table: type[Schema],
) -> None:
    location = details["loc"]
    place = (*path, *location)
    key = str(location[-1]) if location else ""
    match details["type"]:
        case "extra_forbidden":
            inner = _inner(table, location[:-1])
            names = known if inner is table else list(inner.model_fields)
            close = registry.closest(key, names)
            problems.error(
                "unknown-key",
                f"{key} is not a key of {what if inner is table else location[-2]}",
                place,
                part="key",
                help=f"did you mean {close}?" if close else f"known keys: {', '.join(names)}",
                replacement=close,
            )
        case "missing":
            owner = what if len(location) == 1 else str(location[-2])
            problems.error("missing-key", f"{owner} needs {key}", place[:-1], help=f"add {key} = …")
        case kind:
            expected = _EXPECTED.get(kind)
            said = details["msg"].removeprefix("Value error, ")
            said = f"must be {expected}" if expected else said
            problems.error("invalid-value", f"{_subject(location, what)} {said}", place)


def _subject(location: tuple[int | str, ...], what: str) -> str:
    """What at a place within a table is spoken of: `plots[1] of [training]`."""
    if not location:
        return what
    *outer, last = location
    if isinstance(last, int) and outer:
        return f"{_subject((*outer[:-1], f'{outer[-1]}[{last}]'), what)}"
    return f"{last} of {outer[-1] if outer else what}"


def _inner(table: type[Schema], location: tuple[int | str, ...]) -> type[Schema]:
    """The class of the table at a place within `table`."""
    for step in location:
        field = table.model_fields.get(str(step))
        if field is not None:
            candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
            inner = [c for c in candidates if isinstance(c, type) and issubclass(c, Schema)]
            table = inner[0] if inner else table
    return table
