"""The answers of proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from ..record import Record
from .dim import Dim, SizeTooComplexError, Symbol
from .meaning import restored

P = ParamSpec("P")
R = TypeVar("R")


class Proved(Record):
    """It holds for all sizes."""


class Refuted(Record):
    """It fails: `witness` gives the smallest sizes by symbol name for which it does."""

    witness: Mapping[str, int]


class Undecided(Record):
    """Neither proved nor refuted: too complex, or a division by what isn't constant."""

    reason: str


class Needs(Record):
    """It holds from some size on, and exactly where `dim >= bound`.

    threshold: for a single symbol that must be at least so much, and no more, the symbol and
        the number.
    """

    dim: Dim
    bound: int
    threshold: tuple[Symbol, int] | None = None

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds at these sizes by symbol name."""
        return self.dim.evaluate(sizes) >= self.bound

    def __str__(self) -> str:
        """An inequality as a Python expression: `height >= 16`, `height >= 2 * width + 1`."""
        if self.threshold is None:
            return _inequality(self.dim - self.bound)
        symbol, least = self.threshold
        return _inequality(Dim.of(symbol) - least)


def undecided_if_too_complex(question: Callable[P, R]) -> Callable[P, R | Undecided]:
    """The same question, answered `Undecided` where a size outgrows the caps on the way."""

    @wraps(question)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R | Undecided:
        try:
            return question(*args, **kwargs)
        except SizeTooComplexError:
            return Undecided("too complex")

    return ask


def _inequality(margin: Dim) -> str:
    """`margin >= 0` with what is subtracted on the right."""
    scaled = restored(margin)
    if len(margin.symbols) == 1:
        scaled = _without_divisor(margin)
    constant = scaled.terms.get((), 0)
    left = Dim({m: c for m, c in scaled.terms.items() if m and c > 0})
    right = Dim({m: -c for m, c in scaled.terms.items() if m and c < 0})
    if constant < 0:
        right = right - constant
    else:
        left = left + constant
    return f"{left} >= {right}"


def _without_divisor(margin: Dim) -> Dim:
    """`symbol - least` in the terms of what the symbol means, without a division."""
    ((symbol),) = margin.symbols
    if symbol.meaning is None or set(margin.terms) - {(symbol,), ()}:
        return restored(margin)
    whole, parts, rest = symbol.meaning
    return (whole - rest) * margin.terms[(symbol,)] + parts * margin.terms.get((), 0)
