"""Batches in groups, each of which makes one step."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Batch = TypeVar("Batch")


def grouped(batches: Iterable[Batch], count: int) -> Iterator[list[Batch]]:
    """Yield `count` batches at a time; the last group may have fewer."""
    rest = iter(batches)
    while group := list(islice(rest, count)):
        yield group
