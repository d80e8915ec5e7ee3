"""Tensors that a spec writes as lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from .kinds import JsonSchema, Kind, Optional, Real
from .record import Record
from .tensor.dtype import DEFAULT, DType
from .tensor.type import TensorType

_NUMBER = Real(finite=False)


class TensorLiteral(Record):
    """A tensor of numbers that are known: a number, or tuples of them, equally long and deep.

    Whole numbers stand for floats, since all that torch takes so is multiplied with floats.
    """

    items: Any
    dtype: DType = DEFAULT

    @property
    def type(self) -> TensorType:
        return TensorType.of(tuple(_sizes(self.items)), self.dtype)

    def with_dtype(self, dtype: DType) -> TensorLiteral:
        """The same numbers, of another element type."""
        return TensorLiteral(self.items, dtype)


def _sizes(items: Any) -> Iterator[int]:
    while isinstance(items, tuple):
        yield len(items)
        if not items:
            return
        items = items[0]


class Numbers(Kind):
    """A tensor, written as a number, a list of numbers, or equally long lists of them."""

    expects = "a number, a list of numbers, or equally long lists of them"

    def read(self, value: object) -> TensorLiteral:
        return TensorLiteral(self._items(value, value))

    def _items(self, value: object, whole: object) -> Any:
        if not isinstance(value, list | tuple):
            try:
                return _NUMBER.read(value)
            except ValueError:
                raise self.refused(whole) from None
        items = tuple(self._items(item, whole) for item in value)
        if len({tuple(_sizes(item)) for item in items}) > 1:
            raise self.refused(whole)
        return items

    def json_schema(self) -> JsonSchema:
        inner = {"type": ["number", "array"]}
        return {"anyOf": [_NUMBER.json_schema(), {"type": "array", "items": inner}]}


OptionalNumbers = Annotated[TensorLiteral | None, Optional(Numbers())]
