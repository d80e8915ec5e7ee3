"""Field types of the spec's sections."""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

from .kinds import Reader
from .schema import Before

T = TypeVar("T")


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Many: TypeAlias = Annotated[tuple[T, ...], Before(_tuple)]
"""A list; kept as a tuple."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _formula(value: object) -> bool | int | float | str:
    if not isinstance(value, bool | int | float | str):
        raise ValueError("must be a number, or an expression in a string")
    return value


def _formulas(value: object) -> tuple[bool | int | float | str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("must be an expression in a string, or a list of them")


def _expressions(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("must be a table of expressions in strings, by name")
    return value


def _scanned(value: object) -> bool | int | float | str | dict[str, str]:
    if isinstance(value, bool | int | float | str):
        return value
    if not value:
        raise ValueError("must name what is scanned, or say how many times")
    return _expressions(value)


def _list(value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list")
    return tuple(value)


Anything = Reader(_list)
"""A list of anything; kept as a tuple."""
Text = Annotated[str, Reader(_text)]
Formula = Annotated[bool | int | float | str, Reader(_formula)]
"""A number, or an expression that gives one."""
Formulas = Annotated[tuple[str, ...], Reader(_formulas)]
"""An expression, or a list of them."""
Expressions = Annotated[dict[str, str], Reader(_expressions)]
"""Expressions by name."""
Scanned = Annotated[bool | int | float | str | dict[str, str], Reader(_scanned)]
"""Expressions by name, or a number or an expression that gives one."""
