"""Whether a size is at least a number: for all sizes, from some size on, or not.

A size is looked at with its symbols counted from their minima. Growing sizes, by far the most,
have their smallest value at zero and a threshold that bisection finds. Other sizes of one symbol
are polynomials on residue classes, whose signs are found exactly. Those of several symbols are
proved from differences, and refuted along curves on which all symbols grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, product
from math import prod

from .dim import Dim, Symbol
from .grid import (
    MAX_EVALUATIONS,
    Bounds,
    Budget,
    TooManyError,
    bounds_of,
    degrees,
    is_opaque,
    periods,
    points,
    sizes_at,
)
from .interval import interval
from .signs import Run, negative_runs
from .verdict import Needs, Proved, Refuted, Undecided, undecided_if_too_complex

_FARTHEST = 64  # thresholds are looked for up to 2 ** 64
_STARTS = (2, 4, 8, 16, 32)  # as powers of two
_MOST_FREE = 4  # symbols without a maximum that are tried on curves


@undecided_if_too_complex
def at_least(dim: Dim, bound: int) -> Proved | Needs | Refuted | Undecided:
    """Whether `dim >= bound` for all values of its symbols, or from some size on.

    "From some size on" means that there are sizes such that it holds wherever all symbols are at
    least those (a symbol with a maximum: at it). `Refuted` means that there are none; its
    witness is the smallest failure by sum, then by the names in order.
    """
    bounds = bounds_of(dim)
    if bounds is None:
        return Proved()
    margin = _counted(dim - bound, bounds)
    least, _ = interval(margin)
    if least is not None and least >= 0:
        return Proved()
    if margin.is_constant:
        return Refuted(sizes_at(bounds, [0] * len(bounds)))
    needs = Needs(dim - dim.terms.get((), 0), bound - dim.terms.get((), 0))
    if _is_growing(margin):
        return _decide_growing(margin, needs, bounds)
    if len(margin.symbols) > 1 or is_opaque(margin):
        return _decide_several(margin, needs, bounds)
    try:
        return _decide_single(margin, needs, bounds)
    except TooManyError:
        return Undecided("too complex")


def _counted(margin: Dim, bounds: Bounds) -> Dim:
    """The same size over symbols that count from the minima; those with one value are gone."""
    sizes = {}
    for name, (low, high) in bounds.items():
        room = None if high is None else high - low
        counter = Dim.of(0) if room == 0 else Dim.of(Symbol(name, 0, room))
        sizes[name] = counter + low
    return margin.substitute(sizes)


def _is_growing(dim: Dim) -> bool:
    """Whether it is seen to grow, if at all, with each of its symbols, which count from zero."""
    for monomial, scale in dim.terms.items():
        if monomial and scale < 0:
            return False
        for atom in monomial:
            if isinstance(atom, Symbol):
                continue
            if not atom.divisor.is_constant or not _is_growing(atom.dividend):
                return False
            if len(monomial) > 1 and _at_zero(Dim.of(atom)) < 0:
                return False
    return True


def _at_zero(dim: Dim) -> int:
    return dim.evaluate({symbol.name: 0 for symbol in dim.symbols})


def _decide_growing(margin: Dim, needs: Needs, symbols: Bounds) -> Needs | Refuted | Undecided:
    """`margin` is negative at zero."""
    bounds = bounds_of(margin)
    assert bounds is not None

    def holds(at: int) -> bool:
        sizes = {name: at if high is None else min(at, high) for name, (_, high) in bounds.items()}
        return margin.evaluate(sizes) >= 0

    exponent = next((e for e in range(_FARTHEST + 1) if holds(2**e)), None)
    if exponent is None:
        if all(high is not None and high <= 2**_FARTHEST for _, high in bounds.values()):
            return Refuted(sizes_at(symbols, [0] * len(symbols)))
        return Undecided("it needs sizes that are too large")
    if len(bounds) > 1:
        return needs
    low, high = 0, 2**exponent
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return _with_threshold(needs, next(iter(bounds)), high)


def _with_threshold(needs: Needs, name: str, least: int) -> Needs:
    """`least` is counted from the symbol's minimum."""
    found = (symbol for symbol in needs.dim.symbols if symbol.name == name)
    symbol = max(found, key=lambda symbol: symbol.minimum)
    return Needs(needs.dim, needs.bound, (symbol, symbol.minimum + least))


def _decide_single(margin: Dim, needs: Needs, symbols: Bounds) -> Proved | Needs | Refuted:
    failing = _failures(margin, Budget())
    if failing is None:
        return Proved()
    first, last, number = failing
    ((name, high),) = ((symbol.name, symbol.maximum) for symbol in margin.symbols)
    if last is None or last == high:
        point = [first if symbol == name else 0 for symbol in symbols]
        return Refuted(sizes_at(symbols, point))
    if number == last + 1:
        return _with_threshold(needs, name, last + 1)
    return needs


def _failures(margin: Dim, budget: Budget) -> tuple[int, int | None, int] | None:
    """The first and the last size of the only symbol at which it is negative, and their number.

    None where there is none; a last of None, and any number, where there is no end of them.
    """
    bounds = bounds_of(margin)
    assert bounds is not None
    ((name, (_, high)),) = bounds.items()
    period, degree = periods(margin)[name], degrees(margin)[name]
    classes = period if high is None else min(period, high + 1)
    budget.spend(classes * (degree + 1))
    firsts: list[int] = []
    lasts: list[int | None] = []
    number = 0
    for residue in range(classes):
        values = [margin.evaluate({name: period * u + residue}) for u in range(degree + 1)]
        room = None if high is None else (high - residue) // period
        for first, last in _clipped(negative_runs(values), room):
            firsts.append(period * first + residue)
            lasts.append(None if last is None else period * last + residue)
            number += 0 if last is None else last - first + 1
    if not firsts:
        return None
    ends = [last for last in lasts if last is not None]
    return min(firsts), None if len(ends) < len(lasts) else max(ends), number


def _clipped(runs: Iterable[Run], room: int | None) -> Iterator[Run]:
    for first, last in runs:
        if room is None:
            yield first, last
        elif first <= room:
            yield first, room if last is None else min(last, room)


def _decide_several(
    margin: Dim, needs: Needs, symbols: Bounds
) -> Proved | Needs | Refuted | Undecided:
    if _within_budget(_never_negative, margin):
        return Proved()
    top = margin.substitute(
        {s.name: Dim.of(s.maximum) for s in margin.symbols if s.maximum is not None}
    )
    if any(_within_budget(_never_negative, _moved(top, 2**e)) for e in _STARTS):
        return needs
    limits = [None if high is None else high - low + 1 for low, high in symbols.values()]
    witness = _search(needs, symbols, limits)
    if witness is None:
        return Undecided("too complex")
    if any(_within_budget(_keeps_failing, curve) for curve in _curves(top)):
        return Refuted(witness)
    return Undecided("it fails, but from some size on it may hold")


def _within_budget(question: Callable[[Dim, Budget], bool], margin: Dim) -> bool:
    try:
        return question(margin, Budget())
    except TooManyError:
        return False


def _never_negative(margin: Dim, budget: Budget) -> bool:
    """Whether it is proved to be at least zero for all values of its symbols, from zero on.

    So it is where it is in one period, and where its differences over a period are.
    """
    least, _ = interval(margin)
    if least is not None and least >= 0:
        return True
    if margin.is_constant or is_opaque(margin) or _at_zero(margin) < 0:
        return False
    bounds = bounds_of(margin)
    assert bounds is not None
    if len(bounds) == 1:
        return _failures(margin, budget) is None
    period = periods(margin)
    limits = []
    for name, (_, high) in bounds.items():
        if high is None or high >= period[name]:
            growth = _difference(margin, name, period[name], high)
            if _has_less(growth, margin, name) and _never_negative(growth, budget):
                limits.append(period[name])
                continue
        if high is None:
            return False
        limits.append(high + 1)
    budget.spend(prod(limits))
    return all(margin.evaluate(sizes_at(bounds, point)) >= 0 for point in points(limits))


def _has_less(growth: Dim, margin: Dim, name: str) -> bool:
    """Whether a difference is seen to be of a lower degree in the symbol."""
    return growth.is_constant or degrees(growth).get(name, 0) < degrees(margin)[name]


def _difference(margin: Dim, name: str, step: int, high: int | None) -> Dim:
    """What it grows by from each size to the one that is `step` larger, as far as there is one."""
    here = Dim.of(Symbol(name, 0, None if high is None else high - step))
    return margin.substitute({name: here + step}) - margin.substitute({name: here})


def _moved(margin: Dim, start: int) -> Dim:
    return margin.substitute({s.name: Dim.of(s) + start for s in margin.symbols})


def _curves(margin: Dim) -> Iterator[Dim]:
    """The size along curves of one symbol, which let all of its symbols grow without end."""
    if is_opaque(margin) or len(margin.symbols) > _MOST_FREE:
        return
    along = Dim.of(Symbol("t", 0))
    names = sorted(symbol.name for symbol in margin.symbols)
    steep = sum(degrees(margin).values()) + 1
    for exponents in product((1, steep), repeat=len(names)):
        powers = {name: along**e for name, e in zip(names, exponents, strict=True)}
        yield margin.substitute(powers)


def _keeps_failing(curve: Dim, budget: Budget) -> bool:
    """Whether it is negative at arbitrarily large values of its symbol."""
    if curve.constant is not None:
        return curve.constant < 0
    failing = _failures(curve, budget)
    return failing is not None and failing[1] is None


def _search(needs: Needs, bounds: Bounds, limits: Sequence[int | None]) -> dict[str, int] | None:
    for point in islice(points(limits), MAX_EVALUATIONS):
        sizes = sizes_at(bounds, point)
        try:
            if not needs.holds(sizes):
                return sizes
        except ZeroDivisionError:
            continue
    return None
