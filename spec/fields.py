"""Field types of the spec's sections."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias, TypeVar

from .kinds import Integer, JsonSchema, Reader
from .schema import Before
from .tensor.dtype import DTYPES

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


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError("must be a name, or a list of names")


def whole_or_expression(minimum: int | None = None) -> JsonSchema:
    """The JSON Schema of a whole number, or of an expression that gives one."""
    return {"anyOf": [Integer(minimum).json_schema(), {"type": "string"}]}


STRINGS: Final[JsonSchema] = {"type": "array", "items": {"type": "string"}}
SCALAR: Final[JsonSchema] = {"type": ["boolean", "number", "string"]}
_BY_NAME: Final[JsonSchema] = {"type": "object", "additionalProperties": {"type": "string"}}

_TIMES: Final = whole_or_expression(1)

Anything = Reader(_list, {"type": "array"})
"""A list of anything; kept as a tuple."""
Text = Annotated[str, Reader(_text, {"type": "string"})]
Formula = Annotated[bool | int | float | str, Reader(_formula, SCALAR)]
"""A number, or an expression that gives one."""
Factor = Annotated[float | str, Reader(_formula, {"type": ["number", "string"]})]
"""A number, or an expression that gives one."""
Condition = Annotated[bool | int | float | str, Reader(_formula, {"type": ["boolean", "string"]})]
"""true or false, or an expression that gives one."""
Size = Annotated[bool | int | float | str, Reader(_formula, whole_or_expression(0))]
"""A whole number of at least 0, or an expression that gives one."""
Whole = Annotated[bool | int | float | str, Reader(_formula, whole_or_expression())]
"""A whole number, or an expression that gives one."""
Count = Annotated[bool | int | float | str, Reader(_formula, whole_or_expression(1))]
"""A whole number of at least 1, or an expression that gives one."""
DTypeText = Annotated[str, Reader(_text, {"enum": [*DTYPES]})]
"""The name of an element type, which is looked up where it is used."""
Formulas = Annotated[tuple[str, ...], Reader(_formulas, {"anyOf": [{"type": "string"}, STRINGS]})]
"""An expression, or a list of them."""
NameList = Annotated[
    tuple[str, ...], Reader(_names, {"anyOf": [{"type": "string"}, {**STRINGS, "minItems": 1}]})
]
"""A name, or a list of them."""
Expressions = Annotated[dict[str, str], Reader(_expressions, _BY_NAME)]
"""Expressions by name."""
Scanned = Annotated[
    bool | int | float | str | dict[str, str],
    Reader(_scanned, {"anyOf": [*_TIMES["anyOf"], {**_BY_NAME, "minProperties": 1}]}),
]
"""Expressions by name, or a number or an expression that gives one."""
