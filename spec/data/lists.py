"""Rows that stand in the spec itself."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from ..kinds import JsonSchema, Reader
from ..record import Record
from ..schema import Form
from .base import Source


class Array(Record):
    """Numbers in nested tuples of equal lengths.

    shape: with the rows first.
    holds: what all of them are; whole numbers among others count as fractions.
    """

    shape: tuple[int, ...]
    items: tuple[Any, ...]
    holds: Literal["bool", "integer", "float"]

    def numbers(self) -> Iterator[tuple[tuple[int, ...], bool | int | float]]:
        """Every number with its place."""
        yield from _numbers(self.items, ())


def _numbers(
    items: tuple[Any, ...], place: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], bool | int | float]]:
    for index, item in enumerate(items):
        if isinstance(item, tuple):
            yield from _numbers(item, (*place, index))
        else:
            yield (*place, index), item


class Lists(Source):
    """For each input of the model, and for the target, a list with something for each row.

    arrays: by the names of the inputs, and "target". In a spec they are keys of `[data]` itself.
    """

    arrays: Annotated[Mapping[str, Array], Reader(dict), Form(None)]

    by_input: ClassVar[JsonSchema | None] = {"type": "array", "minItems": 1}

    def rows(self) -> int:
        """Number of rows of the first list."""
        return next(iter(self.arrays.values())).shape[0]
