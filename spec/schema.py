"""Schemas: classes whose annotated fields pydantic's core validates, strictly.

They are used as pydantic's models are. A class becomes a validator of pydantic-core when a value of
it is first made, so that a class which a spec doesn't name costs nothing: making the first
`BaseModel` alone takes longer than all that `specc check` may. `as_pydantic` gives the model of
pydantic that a schema stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import GenericAlias, NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from .kinds import JsonSchema, Kind
from .record import Record

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import SchemaValidator

MISSING: Final[Any] = object()
"""The default of a field that has none."""

CoreSchema = dict[str, Any]


class Before:
    """A mark in `Annotated`: brings a value to the form that is then validated.

    form: the JSON Schema of what may be written, from that of what is validated.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        form: Callable[[JsonSchema], JsonSchema] = lambda schema: schema,
    ) -> None:
        self.function = function
        self.form = form


class Form:
    """A mark in `Annotated`: the JSON Schema of a field that a later pass looks into.

    schema: None for what no key of a spec stands for.
    """

    def __init__(self, schema: JsonSchema | None) -> None:
        self.schema = schema


class Key(Record):
    """A mark in `Annotated`: the key of a field whose own name Python keeps for itself."""

    name: str


class Field(Record):
    """A field of a schema.

    annotation: its type, marks taken off. metadata: the marks of its `Annotated`.
    """

    annotation: Any
    metadata: tuple[Any, ...]
    default: Any

    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is MISSING


class _SchemaType(type):
    """Gives a schema its fields when they are first asked for."""

    @property
    def model_fields(cls) -> Mapping[str, Field]:
        """The fields by name, in order."""
        found: Mapping[str, Field] | None = cls.__dict__.get("_fields")
        if found is None:
            found = _fields_of(cls)
            cls._fields = found
        return found

    @property
    def _checker(cls) -> SchemaValidator:
        """The validator of pydantic-core that the class compiles to."""
        made: SchemaValidator | None = cls.__dict__.get("_validator")
        if made is None:
            # Imported here: to know a class is not to use it.
            from pydantic_core import SchemaValidator

            made = SchemaValidator(_schema_of(cast("type[Schema]", cls)), {"title": cls.__name__})
            cls._validator = made
        return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Schema(metaclass=_SchemaType):
    """The base: nothing unknown, nothing converted, nothing changed afterwards.

    extra: whether keys that are no fields are kept, in `model_extra`.
    """

    extra: ClassVar[Literal["forbid", "allow"]] = "forbid"

    def __init__(self, **values: Any) -> None:
        made = type(self)._checker.validate_python(values, strict=True)
        self.__dict__.update(made.__dict__)

    @classmethod
    def model_validate(cls, value: object) -> Self:
        """An instance from a dict. Raises `pydantic_core.ValidationError`."""
        return cls._checker.validate_python(value, strict=True)  # type: ignore[no-any-return]

    @classmethod
    def model_construct(cls, **values: Any) -> Self:
        """An instance of values that are known to be valid; defaults fill what is left out."""
        made = object.__new__(cls)
        for name, field in cls.model_fields.items():
            made.__dict__[name] = values.pop(name, field.default)
        made.__dict__["model_extra"] = values or None
        return made

    def model_copy(self, update: Mapping[str, Any]) -> Self:
        """A copy with some fields changed, which is not validated again."""
        made = object.__new__(type(self))
        made.__dict__.update({**self.__dict__, **update})
        return made

    def model_post_init(self, context: object) -> None:
        """What holds between fields. Raises ValueError, or `Refusal`."""

    if TYPE_CHECKING:

        @property
        def model_extra(self) -> dict[str, Any] | None:
            """What was given beyond the fields, where that is allowed."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in type(self).model_fields:
            yield name, self.__dict__[name]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name} can't be set")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), tuple(value for _, value in self)))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={value!r}" for name, value in self)
        return f"{type(self).__name__}({inner})"


def _fields_of(cls: type) -> dict[str, Field]:
    hints = get_type_hints(cls, include_extras=True)
    found = {}
    for name, hint in hints.items():
        if name.startswith("_") or get_origin(hint) is ClassVar or hint is ClassVar:
            continue
        annotation, metadata = hint, ()
        if get_origin(hint) is Annotated:
            annotation, metadata = hint.__origin__, hint.__metadata__
        found[name] = Field(annotation, metadata, getattr(cls, name, MISSING))
    return found


def _schema_of(cls: type[Schema]) -> CoreSchema:
    """The core schema of a class: its fields, then an instance made of them."""
    fields = {}
    for name, field in cls.model_fields.items():
        inner = _marked(field.annotation, field.metadata)
        if not field.is_required():
            inner = {"type": "default", "schema": inner, "default": field.default}
        fields[name] = {"type": "model-field", "schema": inner}
        for mark in field.metadata:
            if isinstance(mark, Key):
                fields[name]["validation_alias"] = mark.name
    plain = {
        "type": "model-fields",
        "model_name": cls.__name__,
        "fields": fields,
        "extra_behavior": cls.extra,
    }

    def make(validated: tuple[dict[str, Any], dict[str, Any] | None, set[str]]) -> Schema:
        made = object.__new__(cls)
        values, extra, _ = validated
        made.__dict__.update(values)
        made.__dict__["model_extra"] = extra
        made.model_post_init(None)
        return made

    return _after(make, plain)


def _after(function: Callable[[Any], Any], schema: CoreSchema) -> CoreSchema:
    call = {"type": "no-info", "function": function}
    return {"type": "function-after", "function": call, "schema": schema}


def _marked(annotation: Any, metadata: tuple[Any, ...]) -> CoreSchema:
    """The core schema of a type with its marks; the last mark is applied first."""
    for mark in metadata:
        if isinstance(mark, Kind):
            call = {"type": "no-info", "function": mark.read}
            return {"type": "function-plain", "function": call}
    schema = _typed(annotation)
    for mark in metadata:
        if isinstance(mark, Before):
            call = {"type": "no-info", "function": mark.function}
            schema = {"type": "function-before", "function": call, "schema": schema}
    return schema


_PLAIN: Final[Mapping[Any, CoreSchema]] = {
    Any: {"type": "any"},
    object: {"type": "any"},
    str: {"type": "str", "strict": True},
    bool: {"type": "bool", "strict": True},
    int: {"type": "int", "strict": True},
    float: {"type": "float", "strict": True},
    NoneType: {"type": "none"},
}


def _typed(annotation: Any) -> CoreSchema:
    """The core schema of a type without marks."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return _schema_of(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _marked(annotation.__origin__, annotation.__metadata__)
    if origin is Literal:
        return {"type": "literal", "expected": list(args)}
    if origin is dict:
        keys, values = map(_typed, args)
        return {"type": "dict", "keys_schema": keys, "values_schema": values, "strict": True}
    if origin is tuple and args[1:] == (...,):
        return {"type": "tuple", "items_schema": [_typed(args[0])], "variadic_item_index": 0}
    if origin in (Union, UnionType) and args[1:] == (NoneType,):
        return {"type": "nullable", "schema": _typed(args[0])}
    raise TypeError(f"no schema for {annotation!r}: mark it with a Kind")


def as_pydantic(cls: type[Schema]) -> type[BaseModel]:
    """The pydantic model with the fields of a schema, for JSON Schema and for other programs."""
    from pydantic import ConfigDict, create_model

    fields: dict[str, Any] = {
        name: (_for_pydantic(field), ... if field.is_required() else field.default)
        for name, field in cls.model_fields.items()
    }
    config = ConfigDict(extra=cls.extra, frozen=True, strict=True)
    model: type[BaseModel] = create_model(cls.__name__, __config__=config, **fields)
    model.__doc__ = cls.__doc__
    return model


def _for_pydantic(field: Field) -> Any:
    from pydantic import BeforeValidator
    from pydantic import Field as Alias

    annotation = _nested(field.annotation)
    for mark in field.metadata:
        if isinstance(mark, Before):
            annotation = Annotated[annotation, BeforeValidator(mark.function)]
        elif isinstance(mark, Key):
            annotation = Annotated[annotation, Alias(alias=mark.name)]
        elif isinstance(mark, Kind):
            annotation = Annotated[annotation, mark]
    return annotation


def _nested(annotation: Any) -> Any:
    """A type with the schemas inside it as models of pydantic."""
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return as_pydantic(annotation)
    inside = get_args(annotation)
    if get_origin(annotation) is dict:
        return GenericAlias(dict, (inside[0], _nested(inside[1])))
    if get_origin(annotation) in (Union, UnionType) and inside[1:] == (NoneType,):
        return _nested(inside[0]) | None
    return annotation
