"""Document -> Spec: the spec's own tables, read by pydantic; its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, TypeVar, get_args

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.model import Block, Budget, ContainerEntry, Entry, Model, Spec, entry_class
from ...spec.names import shown
from ...spec.schema import Schema
from ...spec.source import Path, path_text
from .problems import Problems

M = TypeVar("M", bound=Schema)

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
    root = problems.document.value
    if _is_headless(root, problems):
        return None
    spec = _read(Spec, root, (), problems)
    scopes: dict[Path, object] = {("model",): root.get("model")}
    blocks = root.get("blocks")
    if isinstance(blocks, dict):
        scopes |= {("blocks", name): block for name, block in blocks.items()}
    layers = {
        path: _entries(scope.get("layers"), (*path, "layers"), problems)
        for path, scope in scopes.items()
        if isinstance(scope, dict)
    }
    read: dict[str, Block] = {}
    if isinstance(blocks, dict):
        for name, value in blocks.items():
            block = _read(Block, value, ("blocks", name), problems)
            if block is not None:
                read[name] = block
    written = root.get("budget")
    budget = None if written is None else _read(Budget, written, ("budget",), problems)
    complete = budget is not None or written is None
    # Where that key is misspelt, whatever uses a block would be told that there is none.
    meant = {_close(key, [*Spec.model_fields]) for key in root}
    complete &= "blocks" in root or "blocks" not in meant
    complete &= (
        len(read) == (len(blocks) if isinstance(blocks, dict) else 0)
        and None not in layers.values()
    )
    if spec is None or not complete:
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
    meant = {(*loc[:-1], _close(str(loc[-1]), _keys(model, loc[:-1]))) for loc in unknown}
    for details in found:
        # What is missing may only be misspelt.
        if details["type"] != "missing" or details["loc"] not in meant:
            _report(model, details, path, problems)
    if len(unknown) < len(found):
        return None
    # Whatever else is wrong is told in the same run.
    return _read(model, _mended(model, value, unknown), path, problems)


def _mended(model: type[Schema], value: object, unknown: Sequence[tuple[int | str, ...]]) -> object:
    """A table with its unknown keys, here or within it, as they were meant, or without them."""
    table = deepcopy(value)
    for location in unknown:
        inner: Any = table
        for step in location[:-1]:
            inner = inner[step]
        item = inner.pop(location[-1])
        close = _close(str(location[-1]), _keys(model, location[:-1]))
        if close is not None:
            inner.setdefault(close, item)
    return table


def _close(key: str, known: list[str]) -> str | None:
    return registry.closest(key, known)


def _entries(value: object, path: Path, problems: Problems) -> tuple[Entry, ...] | None:
    """The entries of a list of layers, those of containers included; None where some are none."""
    if not isinstance(value, list):
        return ()
    if not value:
        problems.error("missing-key", "layers is empty: it needs at least one entry", path)
        return None
    read = [_entry(item, (*path, index), problems) for index, item in enumerate(value)]
    entries = tuple(entry for entry in read if entry is not None)
    return entries if len(entries) == len(value) else None


def _entry(value: object, path: Path, problems: Problems) -> Entry | None:
    form = entry_class(value)
    if form is None:
        _report_form(value, path, problems)
        return None
    entry = _read(form, {"type": value} if isinstance(value, str) else value, path, problems)
    if not isinstance(value, dict) or not isinstance(value.get("layers"), list):
        return entry
    if not issubclass(form, ContainerEntry):
        return entry
    inside = _entries(value["layers"], (*path, "layers"), problems)
    return entry.model_copy({"layers": inside}) if entry and inside else None


def _report_form(value: object, path: Path, problems: Problems) -> None:
    """Reports an entry that is none, or whose telling key is misspelt."""
    said = "an entry of layers is a table, or the name of a module or block"
    if isinstance(value, dict):
        said = "an entry of layers needs one of the keys type, expr, layers"
        for key in value:
            close = _close(key, ["type", "expr", "layers"])
            if close is not None:
                _unknown_key(["type", "expr", "layers"], (*path, key), problems, "an entry")
                return
    problems.error(
        "wrong-type",
        said,
        path,
        help='a module { type = "Linear", … }, an expression { expr = "…" },'
        " a container { layers = [...] }",
    )


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
            if base == ("budget",) and kind == "value_error":
                expected = 'a limit, such as "<= 12M"'
            problems.error(
                "wrong-type", f"{key} must be {expected}" if expected else f"{key} {said}", path
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
    problems.error(
        "unknown-key",
        f"{shown(str(path[-1]))} is not a key of {owner}",
        path,
        part="key",
        help=f"did you mean {close}?" if close else f"known keys: {', '.join(known)}",
        replacement=registry.slip(str(path[-1]), close),
    )


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
