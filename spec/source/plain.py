"""What may stand in a document: plain data, bounded in size and depth."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import cast

from ..diagnostic import Diagnostic, Fix, SpecError
from .document import Document, Path, Value, path_text

MAX_DEPTH = 64
_INTEGERS = range(-(2**63), 2**63)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ADVICE = "a spec holds booleans, integers, floats, strings, lists and tables with string keys"


def check_values(document: Document) -> Document:
    """The same document, all of whose values belong to the language; else `SpecError`."""
    problems = list(_problems(document, (), document.value))
    if problems:
        raise SpecError(problems)
    return document


def from_dict(value: Mapping[str, object]) -> Document:
    """A document without places, from plain data; a copy, in which tuples are lists.

    Raises `SpecError` for anything but the types of `Value`, for cycles and for deep nesting.
    """
    return check_values(Document(cast("dict[str, Value]", _copied(value, (), [])), {}, {}))


def too_deep(path: Path = ()) -> Diagnostic:
    """The problem of nesting beyond the bound."""
    message = f"values are nested more than {MAX_DEPTH} deep"
    return Diagnostic("too-deep", message, where=path_text(path[:8]) + "…" if path else "")


def _copied(value: object, path: Path, around: list[int]) -> object:
    if not isinstance(value, Mapping | list | tuple):
        return value
    if id(value) in around:
        message = "this value contains itself; expected plain data"
        raise SpecError([Diagnostic("cycle", message, where=path_text(path))])
    if len(path) > MAX_DEPTH:
        raise SpecError([too_deep(path)])
    around.append(id(value))
    copy: object
    if isinstance(value, Mapping):
        copy = {key: _copied(item, (*path, str(key)), around) for key, item in value.items()}
    else:
        copy = [_copied(item, (*path, index), around) for index, item in enumerate(value)]
    around.pop()
    return copy


def _problems(document: Document, path: Path, value: object) -> Iterator[Diagnostic]:
    if len(path) > MAX_DEPTH:
        yield _problem(document, path, "too-deep", f"values are nested more than {MAX_DEPTH} deep")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _key_problems(document, path, key)
            yield from _problems(document, (*path, str(key)), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(document, (*path, index), item)
    elif not _is_ordinary(value):
        yield _scalar_problem(document, path, value)


def _is_ordinary(value: object) -> bool:
    """Whether a scalar needs no further look."""
    kind = type(value)
    if kind is str:
        text = cast("str", value)
        return text.isascii() or not _SURROGATE.search(text)
    if kind is float:
        return not math.isinf(cast("float", value))
    return kind is bool or (kind is int and value in _INTEGERS)


def _key_problems(document: Document, path: Path, key: object) -> Iterator[Diagnostic]:
    if type(key) is not str:
        message = f"the key {key!r:.40} is of type {type(key).__name__}; expected a string"
        yield _problem(document, (*path, str(key)), "key-type", message, _ADVICE)
    elif not key.isascii() and _SURROGATE.search(key):
        yield _surrogate_problem(document, (*path, key), at_key=True)
