"""Optimizers that take turns: what notes the losses of each, and says what each changes."""

from __future__ import annotations

from collections.abc import Iterator

from ...emit import code
from .addition import Addition, Import


class OwnTurns(Addition):
    """`loss` of `[optimizer]`."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(".named_losses", ("NamedLosses",))
        yield code.ImportFrom(".parameters_of", ("parameters_of",))

    def modules(self) -> Iterator[str]:
        yield "named_losses"
        yield "parameters_of"
