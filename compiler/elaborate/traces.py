"""What gradients of a value lead to, and what they meet on their way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ...spec.record import Record
from ...spec.source import Path
from ..resolve.bound import Key
from .derivatives import Order

Root: TypeAlias = tuple[Path, Key] | None
"""Where a gradient ends: at a value that something derives by, or at what is trained (None)."""


class Limit(Record):
    """Something that torch derives only so often.

    name: of the function or module. path: where it stands. derived: how often `grad` derives it.
    roots: where a gradient ends that passes through it.
    joined: the roots of the values that it meets on its way: a derivative by one depends on it.
    """

    name: str
    path: Path
    order: Order
    roots: frozenset[Root]
    joined: frozenset[Root]
    derived: int = 0

    def said(self, by: str) -> str:
        """Why `by`, which derives it too, can't."""
        if self.derived:
            return f"torch derives {self.name} only once: grad does so, and {by} derives that again"
        if self.order.times:
            return (
                f"torch can't derive a derivative of {self.name}, and that of {by} may be derived"
            )
        return f"torch has no derivative of {self.name}, and {by} needs one"


class Trace(Record):
    """What a gradient of a value leads to.

    roots: where it ends; none where the value requires no gradient.
    """

    roots: frozenset[Root] = frozenset()
    limits: frozenset[Limit] = frozenset()

    def obstacles(self) -> list[Limit]:
        """What torch can't derive in a backward pass."""
        return [one for one in self.limits if one.derived >= one.order.times]


NOTHING = Trace()


class Fault(Record):
    """What torch can't derive: why, where, by which `grad`, and what to do."""

    message: str
    path: Path
    by: Path | None = None
    help: str | None = None


def union(values: Iterable[Trace]) -> Trace:
    """A value that may be any of some, or is made from them all."""
    found = list(values)
    roots = frozenset(root for one in found for root in one.roots)
    return Trace(roots, frozenset(limit for one in found for limit in one.limits))
