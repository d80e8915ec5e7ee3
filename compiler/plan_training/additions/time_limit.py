"""A time limit: training ends once its time is over, after the step or the epoch under way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ...emit.quote import quote, quoted
from .addition import Addition, Import, Statements


class Limit(Addition):
    """`time_limit` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(".time_limit", ("TimeLimit",))
        if self.spec.is_distributed:
            yield code.ImportFrom(".distributed", ("largest",))

    def modules(self) -> Iterator[str]:
        yield "time_limit"

    def constants(self) -> Mapping[str, object]:
        return {"TIME_LIMIT": self.spec.training.time_limit}

    def after_model(self) -> Statements:
        return quote("time_limit = TimeLimit(TIME_LIMIT)")

    def passed(self) -> tuple[code.Arg, ...]:
        return (code.Arg("time_limit", code.Name("TimeLimit")),) if self.spec.counts_steps else ()

    def after_batch(self) -> Statements:
        return self._ended() if self.spec.counts_steps else ()

    def after_epoch(self) -> Statements:
        return self._ended()

    def _ended(self) -> Statements:
        over = "time_limit.is_over"
        if self.spec.is_distributed:
            over = f"largest({over})"
        return quote(
            """
            if OVER:
                break
            """,
            OVER=quoted(over),
        )
