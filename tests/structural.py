"""What JSON Schema can decide of a spec: the validator, the specs to try it on, the codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from specc.spec.language_schema import language_schema
from specc.spec.source import parse_toml

ROOT: Final = Path(__file__).parent.parent
CODES: Final = frozenset(
    """unknown-key unknown-argument missing-key missing-argument missing-section wrong-type
    null""".split()
)
"""The codes of problems that a schema finds too, where they speak of what is written and not of
what an expression, a name, a param or a block of the spec stands for."""


@cache
def validator() -> Any:
    """Of the language, where 1.0 is no whole number: TOML and `check` tell them apart."""
    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    strict = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]
    return strict(language_schema())


def refused(document: object) -> str | None:
    """The first thing that the schema refuses in a document, None where it is valid."""
    error: ValidationError | None = next(validator().iter_errors(document), None)
    return None if error is None else f"{error.json_path}: {error.message[:200]}"


def specs() -> list[Path]:
    """The specs of the examples and of other tests."""
    folders = (ROOT / "examples", ROOT / "tests" / "specs")
    found = (path for folder in folders for path in folder.rglob("*.toml"))
    # Files that are included alone have no model.
    return sorted(path for path in found if path.parent.name != "parts")


def trees(path: Path) -> list[dict[str, Any]]:
    """The specs in a file: one, or one under each of its keys."""
    value: dict[str, Any] = parse_toml(path.read_text("utf-8"), path.name).value
    return [value] if "model" in value else [*value.values()]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value within a document, with its path."""
    yield path, value
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))
