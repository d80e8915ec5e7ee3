"""What would help where two sizes are not equal: a telling counter-example, a declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, product
from typing import Final

from .dim import Dim, Symbol
from .prove import Proved, equal

_FACTORS: Final = (2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 64)
_REACH: Final = range(40)


def telling(
    left: Dim, right: Dim, witness: Mapping[str, int], allowed: Callable[[Mapping[str, int]], bool]
) -> Mapping[str, int]:
    """Sizes for which two sizes differ and which are allowed otherwise: the smallest that grow
    together from the symbols' minima, else the witness as it is."""
    if allowed(witness):
        return witness
    symbols = sorted(left.symbols | right.symbols, key=lambda symbol: symbol.name)
    for reach in product(_REACH, repeat=min(len(symbols), 2)):
        steps = (*reach, *(0 for _ in symbols))
        sizes = {
            symbol.name: min(symbol.minimum + step, symbol.maximum or symbol.minimum + step)
            for symbol, step in zip(symbols, steps, strict=False)
        }
        if left.evaluate(sizes) != right.evaluate(sizes) and allowed(sizes):
            return sizes
    return witness


def settling(left: Dim, right: Dim) -> str | None:
    """The declaration of sizes as multiples that would make two sizes equal, if there is one."""
    symbols = [
        s for s in left.symbols | right.symbols if s.meaning is None and s.name.isidentifier()
    ]
    symbols.sort(key=lambda symbol: symbol.name)
    for count in range(1, len(symbols) + 1):
        for chosen in combinations(symbols, count):
            for factor in _FACTORS:
                if _settles(left, right, chosen, factor):
                    return _in_words(chosen, factor)
    return None


def _settles(left: Dim, right: Dim, chosen: tuple[Symbol, ...], factor: int) -> bool:
    parts = {symbol.name: factor * Dim.of(Symbol(symbol.name)) for symbol in chosen}
    return isinstance(equal(left.substitute(parts), right.substitute(parts)), Proved)


def _in_words(chosen: tuple[Symbol, ...], factor: int) -> str:
    names = [symbol.name for symbol in chosen]
    declared = " and ".join(f'{name} as "{factor}*{name[0]}"' for name in names)
    conditions = ", ".join(f'"{name} % {factor} == 0"' for name in names)
    return f"it holds for multiples of {factor}: declare {declared}, or where = [{conditions}]"
