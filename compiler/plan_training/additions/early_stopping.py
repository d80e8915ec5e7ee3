"""Early stopping: training ends where it no longer helps, with the weights of its best epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ...emit.quote import quote
from .addition import Addition, Import, Kept, Statements, monitored


class Stopping(Addition):
    """`early_stopping` of `[training]`."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom(".early_stopping", ("EarlyStopping",))

    def modules(self) -> Iterator[str]:
        yield "early_stopping"

    def kept(self) -> Mapping[str, Kept]:
        says = "the epoch whose weights the model has, the best one"
        return {"best_epoch": Kept("int", says, "early_stopping.best_epoch")}

    def after_optimizer(self, rows: str) -> Statements:
        stopping = self.spec.training.early_stopping
        assert stopping is not None
        kept = "nn.ModuleList([model, loss_fn])" if self.spec.loss_learns else self.spec.kept_model
        return quote(
            f"early_stopping = EarlyStopping({kept}, patience=N)",
            N=code.Constant(stopping.patience),
        )

    def stateful(self) -> Mapping[str, str]:
        return {"early_stopping": "early_stopping"}

    def before_epoch(self) -> Statements:
        return quote(
            """
            if early_stopping.is_over:
                break
            """
        )

    def after_epoch(self) -> Statements:
        stopping = self.spec.training.early_stopping
        assert stopping is not None
        value = monitored(stopping.monitor)
        if self.spec.is_better_higher(stopping.monitor):
            value = code.UnaryOp("-", value)
        return quote("early_stopping.note(VALUE)", VALUE=value)

    def at_end(self) -> Statements:
        return quote("early_stopping.restore()")
