"""What holds of sizes for all values of their symbols.

Every answer but `Undecided` is exact: it holds for all sizes within the symbols' bounds, or comes
with sizes for which it fails. Sizes at which some divisor is zero are left out: whether there are
any is the question `at_least(divisor, 1)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import prod

from . import polynomial
from .dim import Atom, Dim, Symbol, Terms
from .grid import (
    MAX_EVALUATIONS,
    Bounds,
    Budget,
    TooManyError,
    bounds_of,
    counts,
    is_opaque,
    periods,
    points,
    sizes_at,
)
from .inequality import at_least
from .vanish import vanishes
from .verdict import Needs, Proved, Refuted, Undecided, undecided_if_too_complex

__all__ = [
    "Needs",
    "Proved",
    "Refuted",
    "Undecided",
    "at_least",
    "equal",
    "multiple_of",
    "quotient",
]

_FIRST_LOOK = 500  # points that are tried before a proof


@undecided_if_too_complex
def equal(left: Dim, right: Dim) -> Proved | Refuted | Undecided:
    """Whether two sizes are equal for all values of their symbols.

    A witness gives every symbol of both sizes, the smallest by sum, then by the names in order.
    """
    difference = left - right
    bounds = bounds_of(left, right)
    if bounds is None or difference.constant == 0:
        return Proved()

    def fails(sizes: Mapping[str, int]) -> bool:
        return difference.evaluate(sizes) != 0

    return _decide(counts(difference, bounds), bounds, fails, lambda: _is_zero(difference))


@undecided_if_too_complex
def multiple_of(dim: Dim, k: int) -> Proved | Refuted | Undecided:
    """Whether `k`, at least 1, divides a size for all values of its symbols.

    Raises ValueError for another `k`. The witness is the smallest, as in `equal`.
    """
    rest = dim % k
    bounds = bounds_of(dim)
    if bounds is None or rest.constant == 0:
        return Proved()
    limits = [None if high is None else high - low + 1 for low, high in bounds.values()]
    if not is_opaque(rest):  # on each residue class the rest is constant
        period = periods(rest)
        classes = [period.get(name, 1) for name in bounds]
        limits = [
            one if two is None else min(one, two) for one, two in zip(classes, limits, strict=True)
        ]

    def fails(sizes: Mapping[str, int]) -> bool:
        return dim.evaluate(sizes) % k != 0

    return _decide(limits, bounds, fails, lambda: False)


@undecided_if_too_complex
def quotient(dividend: Dim, divisor: Dim) -> Dim | Refuted | Undecided:
    """`dividend / divisor` where that is a whole number for all sizes, as for torch's `view(-1)`.

    Raises ValueError for a divisor that is zero or a negative constant.
    """
    if divisor.constant is not None and divisor.constant < 1:
        raise ValueError(f"cannot divide the size {dividend} by {divisor}")
    if not dividend.terms:
        return Dim.of(0)
    top, bottom = _cancelled(dividend, divisor)
    if bottom.constant is not None and isinstance(multiple_of(top, bottom.constant), Proved):
        return top // bottom
    bounds = bounds_of(dividend, divisor)
    if bounds is None:
        return dividend // divisor

    def fails(sizes: Mapping[str, int]) -> bool:
        by = divisor.evaluate(sizes)
        return by != 0 and dividend.evaluate(sizes) % by != 0

    limits = [None if high is None else high - low + 1 for low, high in bounds.values()]
    witness = _search(limits, bounds, fails, MAX_EVALUATIONS)
    if witness is None:
        return Undecided(f"whether {divisor} divides {dividend}")
    return Refuted(witness)


def _decide(
    limits: Sequence[int | None],
    bounds: Bounds,
    fails: Callable[[Mapping[str, int]], bool],
    proves: Callable[[], bool],
) -> Proved | Refuted | Undecided:
    """Look at all points that matter if they are few; else look at some, prove, and look on."""
    total = None if None in limits else prod(limit for limit in limits if limit is not None)
    few = total is not None and total <= MAX_EVALUATIONS
    if not few:
        witness = _search(limits, bounds, fails, _FIRST_LOOK)
        if witness is not None:
            return Refuted(witness)
        if proves():
            return Proved()
    witness = _search(limits, bounds, fails, MAX_EVALUATIONS)
    if witness is not None:
        return Refuted(witness)
    return Proved() if few else Undecided("too complex")


def _search(
    limits: Sequence[int | None],
    bounds: Bounds,
    fails: Callable[[Mapping[str, int]], bool],
    most: int,
) -> Mapping[str, int] | None:
    for point in islice(points(limits), most):
        sizes = sizes_at(bounds, point)
        try:
            if fails(sizes):
                return sizes
        except ZeroDivisionError:
            continue
    return None


def _is_zero(dim: Dim) -> bool:
    """Whether it is proved zero, whatever its opaque quotients are."""
    try:
        return vanishes(dim.replace(_freed), Budget())
    except TooManyError:
        return False


def _freed(atom: Atom) -> Dim | None:
    if isinstance(atom, Symbol) or atom.divisor.is_constant:
        return None
    return Dim.of(Symbol(atom.text, 0))  # a polynomial that is zero from 0 on is so below, too


def _cancelled(dividend: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """The fraction without the factors of the divisor that are found in the dividend."""
    scale, factors = polynomial.factor(divisor.terms)
    top, rest = (-dividend, -scale) if scale < 0 else (dividend, scale)
    bottom = Dim.of(rest)
    for factor in factors:
        exact = polynomial.divide_exactly(top.terms, factor)
        if exact is None:
            exact = _divide_by_equal(top, factor)
        if exact is None:
            bottom = bottom * Dim(factor)
        else:
            top = Dim(exact)
    return top, bottom


def _divide_by_equal(dividend: Dim, divisor: Terms) -> Terms | None:
    """The dividend without a factor that is proved to be a multiple of the divisor."""
    bounds = bounds_of(dividend, Dim(divisor))
    if bounds is None:
        return None
    for factor in polynomial.factor(dividend.terms)[1]:
        ratio = _first_ratio(Dim(factor), Dim(divisor), bounds)
        if ratio and isinstance(equal(Dim(factor), Dim(divisor) * ratio), Proved):
            exact = polynomial.divide_exactly(dividend.terms, factor)
            return None if exact is None else {m: c * ratio for m, c in exact.items()}
    return None


def _first_ratio(left: Dim, right: Dim, bounds: Bounds) -> int:
    """The whole ratio at the first sizes where it is defined and not zero; 0 if it isn't whole."""
    limits = [None if high is None else high - low + 1 for low, high in bounds.values()]
    for point in islice(points(limits), _FIRST_LOOK):
        sizes = sizes_at(bounds, point)
        try:
            value, by = left.evaluate(sizes), right.evaluate(sizes)
        except ZeroDivisionError:
            continue
        if by and value:
            return 0 if value % by else value // by
    return 0
