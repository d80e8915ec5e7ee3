"""Determinism: algorithms that give the same results every time."""

from __future__ import annotations

from collections.abc import Iterator

from ...emit import code
from ...emit.quote import quoted
from .addition import Addition, Import


class Determinism(Addition):
    """`deterministic` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(".deterministic", ("deterministic",))

    def modules(self) -> Iterator[str]:
        yield "deterministic"

    def decorators(self) -> tuple[code.Expression, ...]:
        return (quoted("deterministic()"),)
