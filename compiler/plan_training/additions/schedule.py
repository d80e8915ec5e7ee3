"""Schedulers: what changes the learning rate, after each step or each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ..plan_schedulers import (
    build_scheduler,
    built_scheduler,
    scheduler_arguments,
    scheduler_imports,
    scheduler_step,
    steps_every,
)
from .addition import Addition, Import, Statements


class Schedule(Addition):
    """`[scheduler]`."""

    def imports(self) -> Iterator[Import]:
        yield from scheduler_imports(self.spec)

    def functions(self) -> Statements:
        return build_scheduler(self.spec)

    def after_optimizer(self, rows: str) -> Statements:
        return built_scheduler(self.spec, rows, self.model)

    def stateful(self) -> Mapping[str, str]:
        name = "schedulers" if self.spec.has_several_optimizers else "scheduler"
        return {name: name}

    def passed(self) -> tuple[code.Arg, ...]:
        return tuple(scheduler_arguments(self.spec)) if self._is_every("step") else ()

    def after_update(self) -> Statements:
        return scheduler_step(self.spec) if self._is_every("step") else ()

    def after_epoch(self) -> Statements:
        swa = self.spec.training.swa
        if swa is not None and swa.swa_lr is not None:
            return ()  # They take turns with that of the average.
        return scheduler_step(self.spec) if self._is_every("epoch") else ()

    def _is_every(self, unit: str) -> bool:
        return steps_every(self.spec) == unit
