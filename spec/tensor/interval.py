"""Bounds of a size, exact or too wide, from the bounds of its parts."""

from __future__ import annotations

from .dim import Atom, Dim, Symbol

Interval = tuple[int | None, int | None]  # inclusive; None is without end


def interval(dim: Dim) -> Interval:
    """An interval that holds all values of a size."""
    low: int | None = 0
    high: int | None = 0
    for monomial, scale in dim.terms.items():
        part: Interval = (scale, scale)
        for atom in monomial:
            part = _product(part, _atom(atom))
        low = None if low is None or part[0] is None else low + part[0]
        high = None if high is None or part[1] is None else high + part[1]
    return low, high


def _atom(atom: Atom) -> Interval:
    if isinstance(atom, Symbol):
        return atom.minimum, atom.maximum
    return _quotient(interval(atom.dividend), interval(atom.divisor))


def _quotient(dividend: Interval, divisor: Interval) -> Interval:
    """Of a floor division, where the divisor is known to be positive."""
    smallest, largest = divisor
    if smallest is None or smallest < 1:
        return None, None
    low, high = dividend
    if low is not None:
        low = low // smallest if low < 0 else 0 if largest is None else low // largest
    if high is not None:
        high = high // smallest if high >= 0 else -1 if largest is None else high // largest
    return low, high


def _product(left: Interval, right: Interval) -> Interval:
    products = [_times(a, b) for a in _ends(left) for b in _ends(right)]
    (low_end, low), (high_end, high) = min(products), max(products)
    return None if low_end else low, None if high_end else high


def _ends(interval: Interval) -> tuple[tuple[int, int], tuple[int, int]]:
    """Both ends as pairs that sort: (-1, 0) is minus infinity, (1, 0) infinity, else (0, end)."""
    low, high = interval
    return (-1, 0) if low is None else (0, low), (1, 0) if high is None else (0, high)


def _times(left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
    if not left[0] and not right[0]:
        return 0, left[1] * right[1]
    return _sign(left) * _sign(right), 0


def _sign(end: tuple[int, int]) -> int:
    infinite, value = end
    return infinite or (value > 0) - (value < 0)
