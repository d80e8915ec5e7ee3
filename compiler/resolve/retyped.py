"""The value that was meant where one of another type is written: `3` for `"3"` or `3.0`."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final, get_args

from pydantic_core import ErrorDetails, ValidationError

from ...spec import registry
from ...spec.kinds import Kind
from ...spec.refusal import Refusal
from ...spec.schema import Schema

_NUMBER: Final = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def retyped(
    read: Callable[[Any], object], table: object, location: tuple[int | str, ...]
) -> str | None:
    """How the value at a location of a table is written in the type that is wanted there.

    read: takes such a table, or raises `ValidationError`. None where no such value is sure.
    """
    inner: Any = deepcopy(table)
    whole = inner
    try:
        for step in location[:-1]:
            inner = inner[step]
        text, inner[location[-1]] = _other(inner[location[-1]])
        read(whole)
    except ValidationError as error:
        still = any(details["loc"] == location for details in error.errors(include_url=False))
        return None if still else text
    except Refusal:
        # What is wrong then is how it goes with other values.
        return text
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return text


def _other(value: object) -> tuple[str, bool | int | float]:
    """The value of another type that a value stands for, as written. Raises ValueError."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower(), value.lower() == "true"
    if isinstance(value, str) and (number := _NUMBER.fullmatch(value)):
        return value, float(value) if number[2] or number[3] else int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value)), int(value)
    raise ValueError


def meant_word(table: type[Schema], details: ErrorDetails) -> str | None:
    """The string in quotes that a misspelt one of a table was meant to be."""
    field = table.model_fields.get(str(details["loc"][0])) if details["loc"] else None
    given = details["input"]
    if field is None or not isinstance(given, str):
        return None
    # Of a list, each item is of the kind within.
    within = [mark for item in get_args(field.annotation) for mark in get_args(item)[1:]]
    kinds = [mark for mark in (*field.metadata, *within) if isinstance(mark, Kind)]
    meant = registry.slip(given, [word for kind in kinds for word in kind.strings])
    return f'"{meant}"' if meant else None
