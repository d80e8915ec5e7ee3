"""Conditions on sizes as substitutions: afterwards, any independent sizes satisfy them.

With `height % 16 == 0`, the height is 16 times a new symbol; with `a <= b`, `b` is `a` plus a new
one. What holds for all values of the new symbols is what holds under the conditions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ..record import Record
from .demand import STEPS, Demand, Impossible, Step
from .dim import Dim, SizeTooComplexError, Symbol

_REASON = "the sizes that satisfy it can't be written exactly in terms of independent sizes"


class Condition(Record):
    """`left op right`; divisibility is `dim % k == 0`."""

    left: Dim
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    right: Dim

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at these sizes by symbol name."""
        left, right = self.left.evaluate(sizes), self.right.evaluate(sizes)
        answers = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
        return {**answers, "==": left == right, "!=": left != right}[self.op]

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right}"


class Facts(Record):
    """Conditions that can be satisfied, and what they make of each symbol.

    symbols, conditions: as they were given.
    substitution: for each symbol's name a size over new symbols, which are independent of each
        other; they print in terms of the given ones.
    """

    symbols: tuple[Symbol, ...]
    conditions: tuple[Condition, ...]
    substitution: Mapping[str, Dim]

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes of the given symbols by name are within bounds and satisfy them."""
        within = all(
            symbol.minimum <= sizes[symbol.name]
            and (symbol.maximum is None or sizes[symbol.name] <= symbol.maximum)
            for symbol in self.symbols
        )
        return within and all(condition.holds(sizes) for condition in self.conditions)

    def given_sizes(self, witness: Mapping[str, int]) -> dict[str, int]:
        """Sizes of new symbols, by name, as sizes of the given symbols that they concern.

        A new symbol that is missing beside others takes its minimum.
        """
        known = dict(witness)
        for dim in self.substitution.values():
            if any(symbol.name in witness for symbol in dim.symbols):
                known = {symbol.name: symbol.minimum for symbol in dim.symbols} | known
        return {
            name: dim.evaluate(known)
            for name, dim in self.substitution.items()
            if all(symbol.name in known for symbol in dim.symbols)
        }

    def new_sizes(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Sizes of the given symbols, which must satisfy the conditions, as those of the new."""
        found = {}
        for dim in self.substitution.values():
            for symbol in dim.symbols:
                if symbol.meaning is None:
                    found[symbol.name] = sizes[symbol.name]
                else:
                    whole, parts, rest = symbol.meaning
                    found[symbol.name] = (whole.evaluate(sizes) - rest) // parts
        return found


class Contradiction(Record):
    """No sizes satisfy these conditions together; without any of them, that isn't known."""

    conditions: tuple[Condition, ...]


class Unusable(Record):
    """A condition that can't be used exactly."""

    condition: Condition
    reason: str


def assume(
    symbols: Sequence[Symbol], conditions: Sequence[Condition]
) -> Facts | Contradiction | Unusable:
    """Sizes that satisfy all conditions, as a substitution.

    Used are bounds of one symbol, residue classes of one symbol, equations that can be solved for a
    symbol that occurs once, divisibility of a symbol by a size, and lower bounds of a symbol by
    the others. Conditions over other names raise KeyError.
    """
    outcome = _assume(symbols, conditions)
    if not isinstance(outcome, Contradiction):
        return outcome
    core = list(conditions)
    for condition in conditions:
        others = [other for other in core if other is not condition]
        if isinstance(_assume(symbols, others), Contradiction):
            core = others
    return Contradiction(tuple(core))


def _assume(
    symbols: Sequence[Symbol], conditions: Sequence[Condition]
) -> Facts | Contradiction | Unusable:
    substitution = {symbol.name: Dim.of(symbol) for symbol in symbols}
    pending = [(_demand(condition), condition) for condition in conditions]
    while pending:
        try:
            found = _next_step([demand for demand, _ in pending])
        except SizeTooComplexError:
            found = None
        if found is None:
            return Unusable(pending[0][1], _REASON)
        index, step = found
        if isinstance(step, Impossible):
            return Contradiction(tuple(conditions))
        _, source = pending.pop(index)
        pending += [(demand, source) for demand in step.derived]
        pending = [(demand.substitute(step.sizes), source) for demand, source in pending]
        substitution = {name: dim.substitute(step.sizes) for name, dim in substitution.items()}
    return Facts(tuple(symbols), tuple(conditions), substitution)


def _next_step(demands: list[Demand]) -> tuple[int, Step | Impossible] | None:
    """The first of the simplest kind of step that some demand allows."""
    for kind in STEPS:
        for index, demand in enumerate(demands):
            step = kind(demand)
            if step is not None:
                return index, step
    return None


def _demand(condition: Condition) -> Demand:
    left, right = condition.left, condition.right
    match condition.op:
        case "<":
            return Demand(right - left - 1, ">=")
        case "<=":
            return Demand(right - left, ">=")
        case ">":
            return Demand(left - right - 1, ">=")
        case ">=" | "==" | "!=":
            return Demand(left - right, condition.op)
