"""Document -> Spec: the spec's own tables, read by pydantic; its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..spec import registry
from ..spec.model import Spec
from ..spec.source import Path
from .problems import Problems

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
    try:
        return Spec.model_validate(problems.document.value)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=True):
            _report(details, problems)
        return None


def _report(details: ErrorDetails, problems: Problems) -> None:
    location = details["loc"]
    path = _path(location, problems)
    key = str(path[-1]) if path else ""
    match details["type"]:
        case "extra_forbidden":
            _unknown_key(location, path, problems)
        case "missing":
            problems.error(
                "missing-key", f"{key} is missing", path[:-1], part="key", help=f"add {key} = …"
            )
        case "union_tag_not_found" | "union_tag_invalid":
            problems.error(
                "wrong-type",
                "an entry of layers needs one of the keys type, expr, layers",
                path,
                help='a module {{ type = "Linear", … }}, an expression {{ expr = "…" }},'
                " a container {{ layers = [...] }}".replace("{{", "{").replace("}}", "}"),
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


def _path(location: tuple[int | str, ...], problems: Problems) -> Path:
    """A place in the document from pydantic's: marks of forms left out, short forms undone."""
    path: Path = ()
    for step in location:
        if isinstance(step, str) and step.startswith("<"):
            continue
        # A shape or default written without its table has no key of its own.
        if step in ("shape", "default", "type") and not isinstance(problems.raw(path), dict):
            continue
        path = (*path, step)
    return path


def _unknown_key(location: tuple[int | str, ...], path: Path, problems: Problems) -> None:
    known = _keys(location[:-1])
    close = registry.closest(str(path[-1]), known)
    problems.error(
        "unknown-key",
        f"{path[-1]} is not a key of {path[-2] if len(path) > 1 else 'a spec'}"
        if not isinstance(path[-2] if len(path) > 1 else "", int)
        else f"{path[-1]} is not a key of such an entry",
        path,
        part="key",
        help=f"did you mean {close}?" if close else f"known keys: {', '.join(known)}",
        replacement=close,
    )


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys of the table at a place of pydantic's, found along the models' fields."""
    model: type[BaseModel] | None = Spec
    annotation: Any = Spec
    for step in location:
        if isinstance(step, str) and step.startswith("<"):
            model = next(
                (m for m in _models(annotation) if m.__name__.lower().startswith(step[1:-1])), None
            )
            annotation = model
        elif model is not None and step in model.model_fields:
            annotation = model.model_fields[str(step)].annotation
            model = next(_models(annotation), None)
    return list(model.model_fields) if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
