"""Document -> Spec: the spec's own tables, read by pydantic; its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..spec import registry
from ..spec.model import Block, Budget, ContainerEntry, Entry, Spec, entry_class
from ..spec.source import Path
from .problems import Problems

M = TypeVar("M", bound=BaseModel)

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
    if spec is None or problems:
        return None
    model = spec.model.model_copy(update={"layers": layers[("model",)]})
    made = {
        name: block.model_copy(update={"layers": layers[("blocks", name)]})
        for name, block in read.items()
    }
    return spec.model_copy(update={"model": model, "blocks": made, "budget": budget})


def _read(model: type[M], value: object, path: Path, problems: Problems) -> M | None:
    """A table read by its class; what is wrong with it is reported."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=True):
            _report(model, details, path, problems)
        return None


def _entries(value: object, path: Path, problems: Problems) -> tuple[Entry, ...]:
    """The entries of a list of layers, those of containers included."""
    if not isinstance(value, list):
        return ()
    entries = []
    for index, item in enumerate(value):
        entry = _entry(item, (*path, index), problems)
        if entry is not None:
            entries.append(entry)
    return tuple(entries)


def _entry(value: object, path: Path, problems: Problems) -> Entry | None:
    form = entry_class(value)
    if form is None:
        problems.error(
            "wrong-type",
            "an entry of layers needs one of the keys type, expr, layers",
            path,
            help='a module { type = "Linear", … }, an expression { expr = "…" },'
            " a container { layers = [...] }",
        )
        return None
    entry = _read(form, {"type": value} if isinstance(value, str) else value, path, problems)
    if not isinstance(value, dict) or not isinstance(value.get("layers"), list):
        return entry
    inside = _entries(value["layers"], (*path, "layers"), problems)
    return (
        entry.model_copy(update={"layers": inside}) if isinstance(entry, ContainerEntry) else entry
    )


def _report(model: type[BaseModel], details: ErrorDetails, base: Path, problems: Problems) -> None:
    path = _path(details["loc"], base, problems)
    key = str(path[-1]) if path else ""
    match details["type"]:
        case "extra_forbidden":
            _unknown_key(_keys(model, details["loc"][:-1]), path, problems)
        case "missing":
            problems.error(
                "missing-key", f"{key} is missing", path[:-1], part="key", help=f"add {key} = …"
            )
        case "literal_error":
            expected = details.get("ctx", {}).get("expected", "")
            problems.error("invalid-value", f"{key} must be {expected}", path)
        case kind:
            said = details["msg"].removeprefix("Value error, ")
            expected = _EXPECTED.get(kind)
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


def _unknown_key(known: list[str], path: Path, problems: Problems) -> None:
    close = registry.closest(str(path[-1]), known)
    owner = path[-2] if len(path) > 1 else "a spec"
    problems.error(
        "unknown-key",
        f"{path[-1]} is not a key of {'such an entry' if isinstance(owner, int) else owner}",
        path,
        part="key",
        help=f"did you mean {close}?" if close else f"known keys: {', '.join(known)}",
        replacement=close,
    )


def _keys(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at a place of pydantic's, found along the models' fields."""
    for step in location:
        field = model.model_fields.get(str(step))
        if field is not None:
            model = next(_models(field.annotation), model)
    return list(model.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
