"""Sizes at which a model can be tried: some that satisfy all that is demanded of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from ...spec.tensor.dim import Symbol
from .typed import TypedGraph

_STEPS = (0, 1, 2, 3, 5, 8, 16, 32, 64, 128, 224, 256, 512, 1024, 2**14)


def sample_sizes(typed: TypedGraph, count: int, *, training: bool = False) -> list[dict[str, int]]:
    """Up to `count` assignments of the model's symbols, growing, that satisfy its needs.

    training: whether to satisfy what only training needs, too.
    """
    symbols = _symbols(typed)
    needs = [need.bound for need in typed.needs if training or not need.training]
    for need in needs:
        if need.threshold is not None:
            alone, least = need.threshold
            symbols = [_at_least(s, least) if s.name == alone.name else s for s in symbols]
    found: list[dict[str, int]] = []
    for offset in range(len(_STEPS)):
        sizes = _first_that_holds(symbols, needs, offset)
        if sizes is not None and sizes not in found:
            found.append(sizes)
        if len(found) == count:
            break
    return found


def _symbols(typed: TypedGraph) -> list[Symbol]:
    inputs = typed.root.inputs.values()
    found = {symbol for tensor in inputs for size in tensor.shape for symbol in size.symbols}
    return sorted(found, key=lambda symbol: symbol.name)


def _first_that_holds(
    symbols: Sequence[Symbol], needs: Sequence[object], offset: int
) -> dict[str, int] | None:
    """The smallest sizes, from `offset` steps above each minimum on, that satisfy the needs."""
    for reach in range(len(_STEPS) - offset):
        sizes = {
            symbol.name: _bounded(symbol, _STEPS[offset + reach] + index)
            for index, symbol in enumerate(symbols)
        }
        if all(need.holds(sizes) for need in needs):  # type: ignore[attr-defined]
            return sizes
    return _search(symbols, needs)


def _search(symbols: Sequence[Symbol], needs: Sequence[object]) -> dict[str, int] | None:
    """Where sizes that grow together don't do: any that do."""
    for steps in product(_STEPS, repeat=min(len(symbols), 4)):
        sizes = {s.name: _bounded(s, step) for s, step in zip(symbols, steps, strict=False)}
        sizes |= {s.name: s.minimum for s in symbols[4:]}
        if all(need.holds(sizes) for need in needs):  # type: ignore[attr-defined]
            return sizes
    return None


def _at_least(symbol: Symbol, least: int) -> Symbol:
    """The symbol with a minimum that the needs of it alone ask for."""
    if least <= symbol.minimum or (symbol.maximum is not None and least > symbol.maximum):
        return symbol
    return Symbol(symbol.name, least, symbol.maximum)


def _bounded(symbol: Symbol, step: int) -> int:
    size = symbol.minimum + step
    return size if symbol.maximum is None else min(size, symbol.maximum)
