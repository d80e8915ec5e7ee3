"""Floating-point operations, counted by the rules that know them.

A multiply and an add count as two, as in `torch.utils.flop_counter`; only products of matrices,
convolutions and attention count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .dim import Dim

_spent: ContextVar[list[Dim] | None] = ContextVar("spent", default=None)


class Count:
    """What rules have spent."""

    def __init__(self, parts: list[Dim]) -> None:
        self._parts = parts

    def total(self) -> Dim:
        """The sum so far; formulas of sizes are left out of it."""
        total = Dim.of(0)
        for part in self._parts:
            total = total + part.with_origin(None)
        return total


@contextmanager
def counting() -> Iterator[Count]:
    """Counts what rules spend while the block runs; a count around it sees nothing of it."""
    parts: list[Dim] = []
    token = _spent.set(parts)
    try:
        yield Count(parts)
    finally:
        _spent.reset(token)


def spend(flops: Dim) -> None:
    """Called by a rule whose function costs so much."""
    parts = _spent.get()
    if parts is not None:
        parts.append(flops)
