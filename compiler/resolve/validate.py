"""Document -> Spec: the spec's own tables, read by pydantic; its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeVar, get_args

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.model import (
    Block,
    BrokenEntry,
    Budget,
    ContainerEntry,
    Entry,
    Model,
    RecurrenceEntry,
    Spec,
    entry_class,
)
from ...spec.names import shown
from ...spec.schema import Schema
from ...spec.source import Path, path_text
from .problems import Problems
from .retyped import retyped

M = TypeVar("M", bound=Schema)
Location = tuple[int | str, ...]

_OF_RECURRENCE: Final = RecurrenceEntry.model_fields.keys() - ContainerEntry.model_fields.keys()
_EXPECTED = {
    "bool_type": "true or false",
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "dict_type": "a table",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def validate(problems: Problems) -> Spec | None:
    """The document's Spec, or None after reporting what is wrong with it."""
    if _is_headless(problems.document.value, problems):
        return None
    spec = _read(Spec, problems.document.value, (), problems)
    # Keys that are misspelt are there now as they were meant.
    written = problems.document.value.get("blocks")
    blocks = written if isinstance(written, dict) else {}
    found = {name: _read(Block, one, ("blocks", name), problems) for name, one in blocks.items()}
    read = {name: block for name, block in found.items() if block is not None}
    layers: dict[Path, tuple[Entry, ...] | None] = {}
    for path in (("model",), *(("blocks", name) for name in blocks)):
        scope = problems.raw(path)
        if isinstance(scope, dict):
            layers[path] = read_entries(scope.get("layers"), (*path, "layers"), problems)
    limits = problems.document.value.get("budget")
    budget = None if limits is None else _read(Budget, limits, ("budget",), problems)
    if spec is None or len(read) < len(found) or None in layers.values():
        return None
    model = spec.model.model_copy({"layers": layers[("model",)]})
    made = {
        name: block.model_copy({"layers": layers[("blocks", name)]}) for name, block in read.items()
    }
    return spec.model_copy({"model": model, "blocks": made, "budget": budget})


def _is_headless(root: Mapping[str, object], problems: Problems) -> bool:
    """Whether the model's keys stand outside `[model]`, which is reported once for all."""
    stray = [key for key in root if key in Model.model_fields and key not in Spec.model_fields]
    if "model" in root or not stray:
        return False
    verb = "belongs" if len(stray) == 1 else "belong"
    problems.error(
        "missing-key",
        f"model is missing: {_listed(stray)} {verb} to it",
        (stray[0],),
        part="key",
        help='write [model] above; in JSON, write "model": { … } around',
    )
    return True


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _read(model: type[M], value: object, path: Path, problems: Problems) -> M | None:
    """A table read by its class; what is wrong with it is reported."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True)
    unknown = [details["loc"] for details in found if details["type"] == "extra_forbidden"]
    flags = [details["loc"] for details in found if details["type"] == "bool_type"]
    if model is Spec:
        # What is wrong with a section beside the model says nothing of the model.
        beside = {details["loc"][:1] for details in found if details["type"] != "extra_forbidden"}
        flags += beside - {("model",), ("blocks",)}
    meant = {(*loc[:-1], _close(str(loc[-1]), _keys(model, loc[:-1]))) for loc in unknown}
    for details in found:
        # What is missing may only be misspelt.
        if details["type"] != "missing" or details["loc"] not in meant:
            _report(model, details, path, problems)
    if not unknown and not flags:
        return None
    # Whatever else is wrong is told in the same run.
    return _read(model, _mended(model, value, unknown, flags, path, problems), path, problems)


def _mended(
    model: type[Schema],
    value: object,
    unknown: Sequence[Location],
    wrong: Sequence[Location],
    path: Path,
    problems: Problems,
) -> object:
    """A table with its unknown keys, here or within it, as they were meant, or without them.

    wrong: values that are left out for what they are by default.
    """
    table = deepcopy(value)
    for location in (*wrong, *unknown):
        inner: Any = table
        for step in location[:-1]:
            inner = inner[step]
        item = inner.pop(location[-1])
        close = _close(str(location[-1]), _keys(model, location[:-1]))
        if location in unknown and close is not None and close not in inner:
            inner[close] = item
            problems.mend((*path, *location), close)
    return table


def _close(key: str, known: list[str]) -> str | None:
    return registry.closest(key, known)


def read_entries(value: object, path: Path, problems: Problems) -> tuple[Entry, ...] | None:
    """The entries of a list of layers, those of containers included; None where some are none."""
    if not isinstance(value, list):
        return ()
    if not value:
        problems.error("missing-key", "layers is empty: it needs at least one entry", path)
        return None
    return tuple(_entry(item, (*path, index), problems) for index, item in enumerate(value))


def _entry(value: object, path: Path, problems: Problems) -> Entry:
    form = entry_class(value)
    if form is None:
        meant = _report_form(value, path, problems)
        return _entry(problems.raw(path), path, problems) if meant else _broken(value)
    entry = _read(form, {"type": value} if isinstance(value, str) else value, path, problems)
    table = problems.raw(path)
    if isinstance(table, dict) and issubclass(form, ContainerEntry):
        # What is no list has been reported, and is as if it were empty.
        inside = read_entries(table.get("layers"), (*path, "layers"), problems)
        # With a recurrence's keys it was meant for one.
        is_sure = issubclass(form, RecurrenceEntry) or not _OF_RECURRENCE & table.keys()
        entry = entry.model_copy({"layers": inside}) if entry and inside and is_sure else None
    return entry or _broken(table)


def _broken(value: object) -> BrokenEntry:
    name = value.get("name") if isinstance(value, dict) else None
    return BrokenEntry.model_construct(name=name, written=value)


def _report_form(value: object, path: Path, problems: Problems) -> str | None:
    """Reports an entry that is none, or whose telling key is misspelt: gives the one meant."""
    said = "an entry of layers is a table, or the name of a module or block"
    if isinstance(value, dict):
        said = "an entry of layers needs one of the keys type, expr, layers"
        for key in value:
            close = _close(key, ["type", "expr", "layers"])
            if close is not None:
                _unknown_key(["type", "expr", "layers"], (*path, key), problems, "an entry")
                problems.mend((*path, key), close)
                return close
    problems.error(
        "wrong-type",
        said,
        path,
        help='a module { type = "Linear", … }, an expression { expr = "…" },'
        " a container { layers = [...] }",
    )
    return None


def _report(model: type[Schema], details: ErrorDetails, base: Path, problems: Problems) -> None:
    path = _path(details["loc"], base, problems)
    key = path_text(path[-2:] if path and isinstance(path[-1], int) else path[-1:])
    match details["type"]:
        case "extra_forbidden":
            owner = _owner(model, base, path[:-1])
            _unknown_key(_keys(model, details["loc"][:-1]), path, problems, owner)
        case "missing":
            add = f"add a section [{key}]" if key == "model" else f"add {key} = …"
            problems.error("missing-key", f"{key} is missing", path[:-1], part="key", help=add)
        case "literal_error":
            expected = details.get("ctx", {}).get("expected", "")
            problems.error("invalid-value", f"{key} must be {expected}", path)
        case kind:
            said = details["msg"].removeprefix("Value error, ")
            expected = _expected(kind, path)
            table = problems.raw(base)
            meant = retyped(model.model_validate, table, path[len(base) :])
            if base == ("budget",) and kind == "value_error":
                expected = 'a limit, such as "<= 12M"'
                number = problems.raw(path)
                is_count = isinstance(number, int) and not isinstance(number, bool) and number >= 0
                meant = f'"<= {number}"' if is_count else None
            problems.error(
                "wrong-type",
                f"{key} must be {expected}" if expected else f"{key} {said}",
                path,
                replacement=meant,
            )


def _path(location: tuple[int | str, ...], base: Path, problems: Problems) -> Path:
    """A place in the document from pydantic's: short forms undone."""
    path = base
    for step in location:
        # A shape or default written without its table has no key of its own.
        if step in ("shape", "default", "type") and not isinstance(problems.raw(path), dict):
            continue
        path = (*path, step)
    return path


def _expected(kind: str, path: Path) -> str | None:
    """What must stand at a place, as the end of a sentence."""
    expected = _EXPECTED.get(kind)
    if expected == "a table" and path[-1] == "inputs":
        return "a list of names, or a table of shapes by name"
    if expected == "a table" and "inputs" in path[:-1]:
        return 'a shape, such as ["batch", 5], or a table'
    if expected == "a list" and len(path) == 1:
        return "a table, or a list of tables"
    return expected


_FORMS: Final = {
    "ExpressionEntry": "an expression",
    "ContainerEntry": "a container",
    "RecurrenceEntry": "a recurrence",
    "TensorEntry": "a Parameter or Buffer",
}


def _owner(model: type[Schema], base: Path, path: Path) -> str:
    """What a table is, in words."""
    if not path:
        return "a spec"
    if path == base or len(path) == 1:
        return _FORMS.get(model.__name__, f"[{path_text(path)}]")
    return f"the {str(path[-2]).removesuffix('s')} {shown(str(path[-1]))}"


def _unknown_key(known: list[str], path: Path, problems: Problems, owner: str) -> None:
    close = _close(str(path[-1]), known)
    # What stands under such a key may have been meant to read anything.
    problems.is_lost |= close is None and _has_text(problems.raw(path))
    problems.error(
        "unknown-key",
        f"{shown(str(path[-1]))} is not a key of {owner}",
        path,
        part="key",
        help=f"did you mean {close}?" if close else f"known keys: {', '.join(known)}",
        replacement=registry.slip(str(path[-1]), known),
    )


def _has_text(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, str) or any(map(_has_text, inner))


def _keys(model: type[Schema], location: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at a place of pydantic's, found along the models' fields."""
    for step in location:
        field = model.model_fields.get(str(step))
        if field is not None:
            model = next(_models(field.annotation), model)
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[Schema]]:
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
