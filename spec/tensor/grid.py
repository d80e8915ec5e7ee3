"""Finitely many sizes that settle a question about all of them.

On each residue class of its periods a size is a polynomial in its symbols: a floor by k of
what has period p has period k * p. So `period * (degree + 1)` values of each symbol determine it,
and if it is zero on those, it is zero everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import lcm

from .dim import Dim, Floor, Symbol

MAX_EVALUATIONS = 5_000


class TooManyError(Exception):
    """A question needs more evaluations than are allowed."""


class Budget:
    """Counts evaluations."""

    def __init__(self, left: int = MAX_EVALUATIONS) -> None:
        self.left = left

    def spend(self, evaluations: int) -> None:
        """Raises TooManyError once the budget is used up."""
        self.left -= evaluations
        if self.left < 0:
            raise TooManyError


Bounds = dict[str, tuple[int, int | None]]


def bounds_of(*dims: Dim) -> Bounds | None:
    """The inclusive bounds of all symbols by name, sorted; None where there are no such sizes.

    Symbols of one name are one size, within the bounds of all of them.
    """
    bounds: Bounds = {}
    symbols = {symbol for dim in dims for symbol in dim.symbols}
    for symbol in sorted(symbols, key=lambda symbol: symbol.name):
        low, high = bounds.get(symbol.name, (symbol.minimum, None))
        highs = [limit for limit in (high, symbol.maximum) if limit is not None]
        bounds[symbol.name] = max(low, symbol.minimum), min(highs, default=None)
        low, high = bounds[symbol.name]
        if high is not None and high < low:
            return None
    return bounds


def periods(dim: Dim) -> dict[str, int]:
    """For each symbol the period of the residue classes on which `dim` is a polynomial."""
    found = {symbol.name: 1 for symbol in dim.symbols}
    for floor in floors(dim):
        for name, period in periods(floor.dividend).items():
            found[name] = lcm(found[name], period * int(floor.divisor))
    return found


def degrees(dim: Dim) -> dict[str, int]:
    """For each symbol the highest degree on a residue class."""
    found = {symbol.name: 0 for symbol in dim.symbols}
    for monomial in dim.terms:
        total: dict[str, int] = {}
        for atom in monomial:
            inner = {atom.name: 1} if isinstance(atom, Symbol) else degrees(atom.dividend)
            for name, degree in inner.items():
                total[name] = total.get(name, 0) + degree
        for name, degree in total.items():
            found[name] = max(found[name], degree)
    return found


def floors(dim: Dim) -> set[Floor]:
    """The outermost floors and quotients of a size."""
    return {atom for monomial in dim.terms for atom in monomial if not isinstance(atom, Symbol)}


def is_opaque(dim: Dim) -> bool:
    """Whether a quotient by a size that isn't constant occurs in it."""
    return any(not floor.divisor.is_constant or is_opaque(floor.dividend) for floor in floors(dim))


def counts(dim: Dim, bounds: Bounds) -> list[int | None]:
    """How many values of each symbol in `bounds`, from its minimum on, determine `dim`.

    None for a symbol without a maximum where `dim` is opaque: no number of values does.
    """
    found: list[int | None] = []
    opaque = is_opaque(dim)
    period, degree = ({}, {}) if opaque else (periods(dim), degrees(dim))
    for name, (low, high) in bounds.items():
        size = None if high is None else high - low + 1
        if not opaque:
            enough = period.get(name, 1) * (degree.get(name, 0) + 1)
            size = enough if size is None else min(size, enough)
        found.append(size)
    return found


def points(sizes: Sequence[int | None]) -> Iterator[tuple[int, ...]]:
    """All points of a box from zero on, by their sum, then in lexicographic order.

    A size of None is without end; so may be the points.
    """
    limit = None if None in sizes else sum(size - 1 for size in sizes if size is not None)
    total = 0
    while limit is None or total <= limit:
        yield from _points_of_sum(sizes, total)
        total += 1


def _points_of_sum(sizes: Sequence[int | None], total: int) -> Iterator[tuple[int, ...]]:
    if not sizes:
        if total == 0:
            yield ()
        return
    size, *others = sizes
    room = None if None in others else sum(other - 1 for other in others if other is not None)
    first = 0 if room is None else max(0, total - room)
    last = total if size is None else min(total, size - 1)
    for value in range(first, last + 1):
        for rest in _points_of_sum(others, total - value):
            yield (value, *rest)


def sizes_at(bounds: Bounds, point: Sequence[int]) -> dict[str, int]:
    """The sizes that lie `point` above the minima."""
    return {
        name: low + offset for (name, (low, _)), offset in zip(bounds.items(), point, strict=True)
    }
