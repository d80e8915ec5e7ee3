"""What JSON Schema can say of the classes of `spec/`: of their fields, and of entries by `type`.

Nothing of it is known beside the classes: a field's kind says what it takes, its docstring what it
is for.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from .kinds import JsonSchema, Kind
from .record import Record
from .schema import Before, Field, Form, Key, Schema

EXPRESSION: Final[JsonSchema] = {"$ref": "#/$defs/expression"}
_NOTE: Final = re.compile(r"^`?(\w+(?:`?, `?\w+)*)`?: (.+(?:\n(?: {2,}|\t).+)*)", re.MULTILINE)
_PLAIN: Final[Mapping[Any, JsonSchema]] = {
    Any: {},
    object: {},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
}


class Branch(Record):
    """A form of an entry that its `type` tells.

    type: what `type` says: one name, or a schema for it.
    needs: the keys that it needs besides its type.
    more: what further keys may say: anything, nothing, or what fits a schema.
    rule: what else holds of its keys.
    """

    type: str | JsonSchema
    description: str
    properties: Mapping[str, JsonSchema]
    needs: tuple[str, ...] = ()
    more: bool | JsonSchema = False
    rule: JsonSchema = {}


def table(cls: type[Schema]) -> JsonSchema:
    """The table of a class, with nothing unknown in it."""
    needed = required(cls)
    return {
        "type": "object",
        "description": summary(cls),
        "properties": properties(cls),
        **({"required": [*needed]} if needed else {}),
        "additionalProperties": cls.extra == "allow",
    }


def required(cls: type[Schema], left_out: Iterable[str] = ()) -> tuple[str, ...]:
    """The keys that a class needs, but for those that may be left out."""
    fields = cls.model_fields.items()
    needed = [(name, field) for name, field in fields if field.is_required()]
    may_miss = {*left_out}
    return tuple(
        _key(name, field) for name, field in needed if name not in may_miss and _is_key(field)
    )


def properties(cls: type[Schema], *, formulas: bool = False) -> dict[str, JsonSchema]:
    """What each key of a class may be, with its description and its default.

    formulas: whether its fields may also be given by expressions.
    """
    said = notes(cls)
    found = {}
    for name, field in cls.model_fields.items():
        if not _is_key(field):
            continue
        schema = of_type(field.annotation, field.metadata)
        schema = with_expressions(schema) if formulas else schema
        schema = {**schema, **({"description": said[name]} if name in said else {})}
        default = _plain(field.default)
        found[_key(name, field)] = schema if default is None else {**schema, "default": default}
    return found


def of_type(annotation: Any, marks: Iterable[Any] = ()) -> JsonSchema:
    """The values of a type with its marks."""
    marks = tuple(marks)
    for mark in marks:
        if isinstance(mark, Form):
            return mark.schema or {}
    kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
    if kind is not None:
        return kind.json_schema()
    schema = _of_bare(annotation)
    for mark in marks:
        schema = mark.form(schema) if isinstance(mark, Before) else schema
    return schema


def _of_bare(annotation: Any) -> JsonSchema:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return table(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return of_type(annotation.__origin__, annotation.__metadata__)
    if origin is Literal:
        return {"enum": [*args]}
    if origin is dict:
        return {"type": "object", "additionalProperties": of_type(args[1])}
    if origin is tuple:
        return {"type": "array", "items": of_type(args[0])}
    if origin in (Union, UnionType) and args[1:] == (NoneType,):
        return of_type(args[0])
    raise TypeError(f"no JSON Schema for {annotation!r}: mark it with a Kind or a Form")


def with_expressions(schema: JsonSchema) -> JsonSchema:
    """The values of a schema, or expressions in strings in their place, also within lists."""
    if schema == {"not": {}}:
        return EXPRESSION
    inner = dict(schema)
    if "items" in inner:
        inner["items"] = with_expressions(inner["items"])
    forms = inner.get("anyOf", [inner])
    if "anyOf" in inner:
        forms = [part for one in forms for part in _forms(with_expressions(one))]
    return {"anyOf": [*(form for form in forms if form != EXPRESSION), EXPRESSION]}


def _forms(schema: JsonSchema) -> list[JsonSchema]:
    return schema["anyOf"] if [*schema] == ["anyOf"] else [schema]


def by_type(branches: Iterable[Branch], *others: JsonSchema) -> JsonSchema:
    """One of several tables, as its `type` tells, or one of other forms.

    Editors complete the arguments of the one branch that fits what is written so far. What is
    missing must not rule a branch out, so what branches need stands beside them.
    """
    branches = tuple(branches)
    by_rule: dict[str, tuple[JsonSchema, list[str]]] = {}
    for branch in branches:
        rule = {**({"required": [*branch.needs]} if branch.needs else {}), **branch.rule}
        if rule and isinstance(branch.type, str):
            by_rule.setdefault(repr(rule), (rule, []))[1].append(branch.type)
    return {
        "anyOf": [*map(_branch, branches), *others],
        **({"allOf": [_rule(*rule) for rule in by_rule.values()]} if by_rule else {}),
        # For tools that take what stands beside the branches for a table of its own.
        "additionalProperties": True,
    }


def _rule(rule: JsonSchema, types: list[str]) -> JsonSchema:
    known = {"type": "object", "properties": {"type": {"enum": types}}, "required": ["type"]}
    return {
        "if": {**known, "additionalProperties": True},
        "then": {**rule, "additionalProperties": True},
    }


def _branch(branch: Branch) -> JsonSchema:
    kind = {"const": branch.type} if isinstance(branch.type, str) else branch.type
    return {
        "type": "object",
        "title": branch.type if isinstance(branch.type, str) else "type",
        "description": branch.description,
        "properties": {"type": {**kind, "description": branch.description}, **branch.properties},
        "required": ["type"],
        "additionalProperties": branch.more,
    }


def summary(cls: type) -> str:
    """The first sentence of a class's docstring."""
    text = (inspect.getdoc(cls) or cls.__name__).split("\n\n")[0].replace("\n", " ")
    return re.split(r"\.? Shape: ", text)[0].rstrip(".")


def notes(cls: type) -> dict[str, str]:
    """What docstrings say of fields, the nearest class first: `name: what it is for`."""
    found: dict[str, str] = {}
    for owner in cls.__mro__:
        for match in _NOTE.finditer(inspect.cleandoc(owner.__doc__ or "")):
            for name in re.findall(r"\w+", match[1]):
                found.setdefault(name, " ".join(match[2].split()).rstrip("."))
    return found


def _is_key(field: Field) -> bool:
    forms = [mark for mark in field.metadata if isinstance(mark, Form)]
    return all(form.schema is not None for form in forms)


def _key(name: str, field: Field) -> str:
    return next((mark.name for mark in field.metadata if isinstance(mark, Key)), name)


def _plain(value: Any) -> Any:
    """A default as JSON has it; None for what a spec leaves out to say it."""
    if isinstance(value, tuple):
        items = [_plain(item) for item in value]
        return items if items and None not in items else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str) else None
