"""Kinds of arguments: one plain validator each, used in `Annotated` on a field.

A kind says what torch allows for an argument. Numbers may come as plain numbers or as constant
sizes (`Dim`), which behave as ints and keep the formula that they came from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from .record import Record
from .tensor.dim import Dim
from .tensor.dtype import DTYPES, DType, category

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

T = TypeVar("T")

JsonSchema = dict[str, Any]


class Kind:
    """What an argument may be.

    expects: the end of the sentence "… must be", such as "a whole number of at least 1".
    strings: the strings that stand for themselves; any other string is an expression.
    listed: whether a list must be one of Python's lists, where torch takes tuples too.
    """

    expects: str
    strings: frozenset[str] = frozenset()
    listed: bool = False

    def read(self, value: object) -> Any:
        """The value as the layer keeps it. Raises ValueError where torch would refuse it."""
        raise self.refused(value)

    def refused(self, value: object) -> ValueError:
        """Says what is expected and what is seen."""
        return ValueError(f"must be {self.expects}, not {describe(value)}")

    def json_schema(self) -> JsonSchema:
        """What JSON Schema can say of the values that `read` takes; it never says too much."""
        return {}

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core.core_schema import no_info_plain_validator_function

        return no_info_plain_validator_function(self.read)


class Reader(Kind):
    """What a function of its own reads; it raises ValueError.

    form: its JSON Schema.
    """

    def __init__(self, read: Callable[[Any], Any], form: JsonSchema | None = None) -> None:
        self._read = read
        self._form = form or {}

    def read(self, value: object) -> Any:
        return self._read(value)

    def json_schema(self) -> JsonSchema:
        return self._form


def describe(value: object) -> str:
    """A value as a person would write it in a spec."""
    if isinstance(value, Dim) and not value.is_constant:
        return f"the size {value}, which is not constant"
    if value is None:
        return "nothing"
    if value is ...:
        return "..."
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(describe(item) for item in value)}]"
    if isinstance(value, dict):
        return "a table"
    return str(value)


def is_whole(value: object) -> bool:
    """Whether a value is a whole number known at build."""
    if isinstance(value, Dim):
        return value.is_constant
    return isinstance(value, int) and not isinstance(value, bool)


class Integer(Kind, Record):
    """A whole number within bounds."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def expects(self) -> str:  # type: ignore[override]
        return "a whole number" + _bounds(self.minimum, self.maximum)

    def read(self, value: object) -> int:
        if not is_whole(value):
            raise self.refused(value)
        assert isinstance(value, int | Dim)
        if not -(2**63) <= int(value) < 2**63:
            raise self.refused(value)
        if self.minimum is not None and value < self.minimum:
            raise self.refused(value)
        if self.maximum is not None and value > self.maximum:
            raise self.refused(value)
        return value  # type: ignore[return-value]  # a constant size stands for its int

    def json_schema(self) -> JsonSchema:
        return {"type": "integer", **_given(minimum=self.minimum, maximum=self.maximum)}


class Real(Kind, Record):
    """A number within bounds; whole numbers count.

    above, below: bounds that the number itself must not reach.
    finite: whether infinities and nan are refused; nan is also refused by any bound.
    """

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    finite: bool = True

    @property
    def expects(self) -> str:  # type: ignore[override]
        inclusive = _bounds(self.minimum, self.maximum)
        strict = [
            f"{word} {bound:g}"
            for word, bound in (("above", self.above), ("below", self.below))
            if bound is not None
        ]
        return (
            ("a finite number" if self.finite else "a number")
            + inclusive
            + ((" and " if inclusive and strict else " ") + " and ".join(strict) if strict else "")
        )

    def read(self, value: object) -> float:
        if isinstance(value, Dim) and value.is_constant:
            number: float = int(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            number = value
        else:
            raise self.refused(value)
        allowed = (
            (not self.finite or math.isfinite(number))
            and (self.minimum is None or number >= self.minimum)
            and (self.maximum is None or number <= self.maximum)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )
        if allowed:
            return number
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        inclusive = _given(minimum=self.minimum, maximum=self.maximum)
        strict = _given(exclusiveMinimum=self.above, exclusiveMaximum=self.below)
        return {"type": "number", **inclusive, **strict}


def _given(**bounds: float | None) -> JsonSchema:
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _bounds(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {_bound(minimum)} to {_bound(maximum)}"
    if minimum is not None:
        return f" of at least {_bound(minimum)}"
    return f" of at most {_bound(maximum)}" if maximum is not None else ""


def _bound(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)


class Boolean(Kind):
    """true or false."""

    expects = "true or false"

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


class Choice(Kind):
    """One of torch's strings."""

    def __init__(self, *strings: str) -> None:
        self.choices = strings
        self.strings = frozenset(strings)
        self.expects = _either([f'"{string}"' for string in strings])

    def read(self, value: object) -> str:
        if isinstance(value, str) and value in self.strings:
            return value
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"enum": [*self.choices]}


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


class DTypeName(Kind):
    """The name of an element type."""

    expects = 'the name of an element type, such as "float32"'
    strings = frozenset(DTYPES)

    def read(self, value: object) -> DType:
        if isinstance(value, str) and value in DTYPES:
            return value
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"enum": [*DTYPES]}


class ParameterDType(Kind):
    """The name of an element type that has gradients."""

    expects = 'the name of a floating-point or complex type, such as "float32"'
    strings = frozenset(name for name in DTYPES if category(name) in ("float", "complex"))

    def read(self, value: object) -> DType:
        if isinstance(value, str) and value in self.strings:
            return value  # type: ignore[return-value]
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"enum": [name for name in DTYPES if name in self.strings]}


class Optional(Kind):
    """Another kind, or nothing (torch's None)."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.strings = kind.strings
        self.expects = kind.expects

    def read(self, value: object) -> Any:
        return None if value is None else self.kind.read(value)

    def json_schema(self) -> JsonSchema:
        # Neither TOML nor a spec in JSON has a null: nothing is what is left out.
        return self.kind.json_schema()


class Nothing(Kind):
    """What torch takes here, and a spec cannot write: its default alone, None."""

    expects = "left out: no value in a spec stands for what torch takes"

    def read(self, value: object) -> None:
        if value is not None:
            raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"not": {}}


class Either(Kind):
    """The first kind that takes the value."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.strings = frozenset[str]().union(*(kind.strings for kind in kinds))
        self.expects = _either([kind.expects for kind in kinds])

    def read(self, value: object) -> Any:
        for kind in self.kinds:
            try:
                return kind.read(value)
            except ValueError:
                continue
        raise self.refused(value)

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [kind.json_schema() for kind in self.kinds]}


class Repeated(Kind):
    """One value for all dimensions, or a list with one for each.

    length: how many a list must hold; None: any number, at least one.
    single: whether one value without a list is allowed.
    items: the kind within a list, if it is another one.
    """

    def __init__(
        self,
        kind: Kind,
        length: int | None = None,
        *,
        single: bool = True,
        items: Kind | None = None,
    ) -> None:
        self.kind = kind
        self.items = items or kind
        self.length = length
        self.single = single
        self.strings = kind.strings
        many = f"a list of {length}" if length else "a list"
        self.expects = (
            f"{kind.expects}, or {many} of them" if single else f"{many}, each {kind.expects}"
        )

    def read(self, value: object) -> Any:
        if self.single and not isinstance(value, list | tuple):
            return self.kind.read(value)
        if not isinstance(value, list | tuple) or len(value) != (self.length or len(value)):
            raise self.refused(value)
        return tuple(self.items.read(item) for item in value)

    def json_schema(self) -> JsonSchema:
        many = {"type": "array", "items": self.items.json_schema()}
        many |= _given(minItems=self.length, maxItems=self.length)
        return {"anyOf": [self.kind.json_schema(), many]} if self.single else many


def each(value: T | tuple[T, ...], length: int) -> tuple[T, ...]:
    """One value for each of `length` dimensions, from one for all or a tuple."""
    return value if isinstance(value, tuple) else (value,) * length


Whole = Annotated[int, Integer()]
Size = Annotated[int, Integer(0)]
Positive = Annotated[int, Integer(1)]
Flag = Annotated[bool, Boolean()]
Number = Annotated[float, Real()]
AnyNumber = Annotated[float, Real(finite=False)]
Probability = Annotated[float, Real(0.0, 1.0)]
OptionalNumber = Annotated[float | None, Optional(Real())]
OptionalAnyNumber = Annotated[float | None, Optional(Real(finite=False))]
OptionalFlag = Annotated[bool | None, Optional(Boolean())]
OptionalWhole = Annotated[int | None, Optional(Integer())]
OptionalDType = Annotated[DType | None, Optional(DTypeName())]
OptionalParameterDType = Annotated[DType | None, Optional(ParameterDType())]
