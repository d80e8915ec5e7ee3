"""One condition on sizes, and the steps that satisfy it by a substitution.

Each step either doesn't apply, finds that no sizes satisfy the demand, or gives sizes to
put in the place of symbols: then the demand holds exactly where the derived ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import gcd, lcm
from typing import Literal

from ..record import Record
from .dim import Dim, Floor, Meaning, Symbol
from .grid import MAX_EVALUATIONS, is_opaque, periods
from .meaning import restored
from .prove import Needs, Proved, at_least, equal, multiple_of


class Demand(Record):
    """`margin op 0`."""

    margin: Dim
    op: Literal[">=", "==", "!="]

    def substitute(self, sizes: Mapping[str, Dim]) -> Demand:
        """The same over other symbols."""
        return Demand(self.margin.substitute(sizes), self.op)

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at these sizes."""
        value = self.margin.evaluate(sizes)
        return {">=": value >= 0, "==": value == 0, "!=": value != 0}[self.op]


class Impossible(Record):
    """No sizes satisfy the demand."""


class Step(Record):
    """Sizes by symbol name for which the demand holds exactly where the derived ones do."""

    sizes: Mapping[str, Dim]
    derived: tuple[Demand, ...] = ()


def settle(demand: Demand) -> Step | Impossible | None:
    """For what always or never holds."""
    margin = demand.margin
    if demand.op == ">=":
        always, never = _is_at_least(margin, 0), _is_at_least(-margin, 1)
    else:
        always = isinstance(equal(margin, Dim.of(0)), Proved)
        never = not always and _is_never_zero(margin)
    if demand.op == "!=":
        always, never = never, always
    return Step({}) if always else Impossible() if never else None


def _is_never_zero(margin: Dim) -> bool:
    scales = [scale for monomial, scale in margin.terms.items() if monomial]
    if margin.terms.get((), 0) % (gcd(*scales) or 1):
        return True
    return _is_at_least(margin, 1) or _is_at_least(-margin, 1)


def bound(demand: Demand) -> Step | Impossible | None:
    """For what holds exactly from some size of its only symbol on, or up to some size."""
    symbol = _only_symbol(demand.margin)
    if symbol is None or demand.op == "==":
        return None
    if demand.op == "!=":
        return _leave_out_end(demand, symbol)
    lower = at_least(demand.margin, 0)
    if isinstance(lower, Needs) and lower.threshold is not None:
        return _within(symbol, lower.threshold[1], symbol.maximum)
    upper = at_least(-demand.margin, 1)
    if isinstance(upper, Needs) and upper.threshold is not None:
        return _within(symbol, symbol.minimum, upper.threshold[1] - 1)
    return None


def _leave_out_end(demand: Demand, symbol: Symbol) -> Step | Impossible | None:
    """For `!=` that fails at one end of the symbol's range alone."""
    low, high = symbol.minimum, symbol.maximum
    if not demand.holds({symbol.name: low}):
        step = _within(symbol, low + 1, high)
    elif high is not None and not demand.holds({symbol.name: high}):
        step = _within(symbol, low, high - 1)
    else:
        return None
    if isinstance(step, Step) and settle(demand.substitute(step.sizes)) != Step({}):
        return None
    return step


def residue(demand: Demand) -> Step | Impossible | None:
    """For what holds exactly on one residue class of its only symbol."""
    symbol = _only_symbol(demand.margin)
    if symbol is None or is_opaque(demand.margin):
        return None
    period = periods(demand.margin)[symbol.name]
    later = demand.margin.substitute({symbol.name: Dim.of(symbol) + period})
    if later != demand.margin or period > MAX_EVALUATIONS:
        return None
    found = [value for value in range(period) if demand.holds({symbol.name: value})]
    if not found:
        return Impossible()
    step = period // len(found)
    if period % len(found) or found != list(range(found[0], period, step)):
        return None
    low = -((found[0] - symbol.minimum) // step)
    high = None if symbol.maximum is None else (symbol.maximum - found[0]) // step
    if high is not None and high < low:
        return Impossible()
    whole, parts, rest = _meaning(symbol)
    meaning = Meaning(whole, parts * step, parts * found[0] + rest)
    return Step({symbol.name: Dim.of(_new(low, high, meaning)) * step + found[0]})


def solve(demand: Demand) -> Step | Impossible | None:
    """For an equation with a symbol that occurs once: the symbol is the rest of it."""
    if demand.op != "==":
        return None
    steps = list(_solutions(demand.margin))
    for step in steps:
        if all(settle(derived) == Step({}) for derived in step.derived):
            return step
    return steps[0] if steps else _make_divisible(demand)


def _solutions(margin: Dim) -> Iterator[Step]:
    for symbol, scale, rest in _lone_symbols(margin):
        value = -rest if scale > 0 else rest
        if isinstance(multiple_of(value, abs(scale)), Proved):
            size = value // abs(scale)
            yield Step({symbol.name: size}, tuple(_bounds(size, symbol)))


def _make_divisible(demand: Demand) -> Step | Impossible | None:
    """Make what a symbol's multiple equals divisible, and keep the equation."""
    for _, scale, rest in _lone_symbols(demand.margin):
        step = residue(Demand(rest % abs(scale), "=="))
        if step is not None:
            return step if isinstance(step, Impossible) else Step(step.sizes, (demand,))
    return None


def _bounds(size: Dim, symbol: Symbol) -> Iterator[Demand]:
    yield Demand(size - symbol.minimum, ">=")
    if symbol.maximum is not None:
        yield Demand(symbol.maximum - size, ">=")


def divide(demand: Demand) -> Step | Impossible | None:
    """For `symbol % divisor == 0` with a divisor that isn't constant."""
    for monomial in demand.margin.terms:
        for atom in monomial:
            if isinstance(atom, Floor) and demand.op == "==":
                step = _divide_by(atom, demand.margin)
                if step is not None:
                    return step
    return None


def _divide_by(atom: Floor, margin: Dim) -> Step | None:
    remainder = atom.dividend - atom.divisor * Dim.of(atom)
    symbol = _only_symbol(atom.dividend)
    if margin not in (remainder, -remainder) or symbol is None or atom.dividend != Dim.of(symbol):
        return None
    unbounded = symbol.minimum in (0, 1) and symbol.maximum is None
    names = {inner.name for inner in atom.divisor.symbols}
    if not unbounded or symbol.name in names or not _is_at_least(atom.divisor, 1):
        return None
    new = _new(symbol.minimum, None, Meaning(restored(Dim.of(atom))))
    return Step({symbol.name: atom.divisor * Dim.of(new)})


def slack(demand: Demand) -> Step | Impossible | None:
    """For a lower bound by other symbols: the symbol is the bound and a new symbol from 0 on."""
    if demand.op != ">=":
        return None
    for symbol, scale, rest in _lone_symbols(demand.margin):
        if scale < 0 or symbol.maximum is not None:
            continue
        least = -(rest // scale)  # the ceiling of -rest / scale
        if _is_at_least(least, symbol.minimum):
            excess = Dim.of(symbol) - least
            parts = lcm(*(_meaning(inner).parts for inner in excess.symbols))
            new = _new(0, None, Meaning(restored(excess * parts), parts))
            return Step({symbol.name: least + Dim.of(new)})
    return None


STEPS: tuple[Callable[[Demand], Step | Impossible | None], ...] = (
    settle,
    bound,
    residue,
    solve,
    divide,
    slack,
)


def _is_at_least(dim: Dim, least: int) -> bool:
    return isinstance(at_least(dim, least), Proved)


def _only_symbol(dim: Dim) -> Symbol | None:
    return next(iter(dim.symbols)) if len(dim.symbols) == 1 else None


def _lone_symbols(margin: Dim) -> Iterator[tuple[Symbol, int, Dim]]:
    """Symbols that occur in one term alone, linearly: with their scale and all other terms.

    The last ones by name come first.
    """
    for symbol in sorted(margin.symbols, key=lambda symbol: symbol.name, reverse=True):
        scale = margin.terms.get((symbol,), 0)
        rest = margin - Dim.of(symbol) * scale
        if scale and symbol not in rest.symbols:
            yield symbol, scale, rest


def _meaning(symbol: Symbol) -> Meaning:
    return symbol.meaning or Meaning(restored(Dim.of(symbol)))


def _new(low: int, high: int | None, meaning: Meaning) -> Symbol:
    whole, parts, rest = meaning
    return Symbol(str(whole // parts - rest // parts), low, high, meaning)


def _within(symbol: Symbol, low: int, high: int | None) -> Step | Impossible:
    if high is not None and high < low:
        return Impossible()
    return Step({symbol.name: Dim.of(Symbol(symbol.name, low, high, symbol.meaning))})
