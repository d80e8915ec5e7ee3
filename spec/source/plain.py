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
_PLAIN = "a spec holds booleans, integers, floats, strings, lists and tables with string keys"


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
    if not isinstance(value, Mapping):
        message = f"a spec is a table of keys and values; this is of type {type(value).__name__}"
        raise SpecError([Diagnostic("not-a-table", message)])
    return check_values(Document(cast("dict[str, Value]", _copied(value, (), [])), {}, {}))


def _copied(value: object, path: Path, around: list[int]) -> object:
    if not isinstance(value, Mapping | list | tuple):
        return value
    if id(value) in around:
        message = "this value contains itself; expected plain data, which ends somewhere"
        raise SpecError([Diagnostic("cycle", message, where=path_text(path))])
    if len(path) > MAX_DEPTH:
        raise SpecError([_too_deep(Document({}, {}, {}), path)])
    around.append(id(value))
    copy: object
    if isinstance(value, Mapping):
        copy = {key: _copied(item, (*path, str(key)), around) for key, item in value.items()}
    else:
        copy = [_copied(item, (*path, index), around) for index, item in enumerate(value)]
    around.pop()
    return copy


def _problems(document: Document, path: Path, value: object) -> Iterator[Diagnostic]:
    if isinstance(value, dict | list) and len(path) > MAX_DEPTH:
        yield _too_deep(document, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _key_problems(document, path, key)
            yield from _problems(document, (*path, str(key)), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(document, (*path, index), item)
    elif not _is_ordinary(value):
        yield from _scalar_problems(document, path, value)


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
        message = f"a key here is of type {type(key).__name__}; expected a string"
        yield _problem(document, path, "key-type", message, _PLAIN)
    elif not key.isascii() and _SURROGATE.search(key):
        yield _lone_surrogate(document, (*path, key), "key")


def _scalar_problems(document: Document, path: Path, value: object) -> Iterator[Diagnostic]:
    kind = type(value)
    if kind is str:
        yield _lone_surrogate(document, path, "string")
    elif kind is float:
        if "inf" not in _source(document, path, "inf").lower():
            message = "this number is beyond the largest float, about 1.8e308"
            yield _problem(document, path, "huge-float", message, "infinity is written inf in TOML")
    elif kind is int:
        message = "this integer does not fit into 64 bits (-2**63 to 2**63 - 1)"
        yield _problem(document, path, "huge-integer", message)
    elif value is None:
        yield _null(document, path)
    elif isinstance(value, date | time):
        yield _date(document, path)
    else:
        message = f"a value of type {kind.__module__}.{kind.__qualname__} is not plain data"
        yield _problem(document, path, "not-plain", message, _PLAIN)


def _null(document: Document, path: Path) -> Diagnostic:
    in_list = bool(path) and isinstance(path[-1], int)
    advice = "remove it from the list" if in_list else "to leave a value out, leave its key out"
    return _problem(document, path, "null", "null is not a value of the language", advice)


def _date(document: Document, path: Path) -> Diagnostic:
    message = "dates and times are not values of the language; expected a string or a number"
    span = document.span(path)
    fix = Fix(span, f'"{_source(document, path, "")}"') if span else None
    advice = "in quotes it is a string"
    return Diagnostic("date", message, span, path_text(path), help=advice, fix=fix)


def _lone_surrogate(document: Document, path: Path, what: str) -> Diagnostic:
    message = f"this {what} holds half of a surrogate pair, which is no character"
    advice = r"write the character itself, or both halves of the pair, such as \ud83d\ude00"
    span = document.span(path, key=what == "key")
    return Diagnostic("lone-surrogate", message, span, path_text(path), help=advice)


def _too_deep(document: Document, path: Path) -> Diagnostic:
    message = f"values are nested more than {MAX_DEPTH} deep"
    return Diagnostic("too-deep", message, document.span(path), path_text(path[:4]) + "…")


def _problem(
    document: Document, path: Path, code: str, message: str, advice: str | None = None
) -> Diagnostic:
    return Diagnostic(code, message, document.span(path), path_text(path), help=advice)


def _source(document: Document, path: Path, default: str) -> str:
    span = document.span(path)
    return document.texts[span.file][span.start : span.end] if span else default
