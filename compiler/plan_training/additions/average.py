"""Averaged weights: those of all steps, the newest most (EMA), or of the last epochs (SWA)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...emit import code
from ...emit.quote import quote, quoted
from ...plan.values import constant
from ...plan_data.data_classes import data_fields
from ..plan_batches import shuffled_rows
from ..plan_schedulers import scheduler_step
from .addition import Addition, Import, Statements
from .processes import sharded


class Average(Addition):
    """What `ema` and `swa` of `[training]` share: the average, and the model that has it."""

    def imports(self) -> Iterator[Import]:
        yield code.ImportFrom("typing", ("cast",))
        yield code.ImportFrom("torch.optim.swa_utils", ("AveragedModel",))

    def stateful(self) -> Mapping[str, str]:
        return {"average": "average"}

    @property
    def _of(self) -> code.Expression:
        """The model that is averaged, or one like it: what is divided can't be copied."""
        if self.spec.training.distributed != "fsdp":
            return code.Name("model")
        return quoted("Model().to(device)", Model=self.model.class_name)

    def _made(self, average: code.Expression) -> Statements:
        compiled: Statements = ()
        divided: Statements = ()
        if self.spec.training.distributed == "fsdp":
            again = code.Keyword("reshard_after_forward", code.Constant(True))
            divided = quote("SHARD", SHARD=sharded(self.spec, "averaged", again))
        if self.spec.training.compile:
            compiled = quote("if compiled:\n    averaged.compile()")
        return quote(
            """
            average = AVERAGE
            averaged = cast(MODEL, average.module)
            DIVIDED
            COMPILED
            """,
            AVERAGE=average,
            MODEL=code.Constant(self.model.class_name),
            DIVIDED=divided,
            COMPILED=compiled,
        )


class Ema(Average):
    """`ema` of `[training]`: renewed after each step."""

    def imports(self) -> Iterator[Import]:
        yield from super().imports()
        yield code.ImportFrom(".exponential_average", ("exponential_average",))

    def modules(self) -> Iterator[str]:
        yield "exponential_average"

    def after_optimizer(self, rows: str) -> Statements:
        assert self.spec.training.ema is not None
        buffers = ", use_buffers=True" if self._averages_buffers else ""
        return self._made(
            quoted(
                f"exponential_average(MODEL, decay=DECAY{buffers})",
                MODEL=self._of,
                DECAY=constant(self.spec.training.ema.decay),
            )
        )

    @property
    def _averages_buffers(self) -> bool:
        """Whether running statistics are averaged, too: torch would truncate whole numbers."""
        buffers = {k: v.type.dtype for k, v in self.model.state.items() if not v.trainable}
        counted = {k: v for k, v in buffers.items() if not k.endswith("num_batches_tracked")}
        return any(k.endswith("running_mean") for k in counted) and all(
            dtype.startswith(("float", "bfloat", "complex")) for dtype in counted.values()
        )

    def passed(self) -> tuple[code.Arg, ...]:
        return (code.Arg("average", code.Name("AveragedModel")),)

    def after_update(self) -> Statements:
        return quote("average.update_parameters(model)")


class Swa(Average):
    """`swa` of `[training]`: renewed after each epoch from its start on."""

    @property
    def _anneals(self) -> bool:
        swa = self.spec.training.swa
        return swa is not None and swa.swa_lr is not None

    @property
    def _has_statistics(self) -> bool:
        return any(name.endswith("running_mean") for name in self.model.state)

    def imports(self) -> Iterator[Import]:
        yield from super().imports()
        if self._anneals:
            yield code.ImportFrom("torch.optim.swa_utils", ("SWALR",))
        if self._has_statistics:
            yield code.ImportFrom("torch.optim.swa_utils", ("update_bn",))

    def constants(self) -> Mapping[str, object]:
        assert self.spec.training.swa is not None
        return {"SWA_START": self.spec.training.swa.start}

    def after_optimizer(self, rows: str) -> Statements:
        swa = self.spec.training.swa
        assert swa is not None
        made = self._made(quoted("AveragedModel(MODEL)", MODEL=self._of))
        if swa.swa_lr is None:
            return made
        keywords = (
            code.Keyword("swa_lr", constant(swa.swa_lr)),
            code.Keyword("anneal_epochs", constant(swa.anneal_epochs)),
            code.Keyword("anneal_strategy", code.Constant(swa.anneal_strategy)),
        )
        call = code.Call(code.Name("SWALR"), (code.Name("optimizer"),), keywords)
        if not self.spec.has_several_optimizers:
            return (*made, *quote("swa_scheduler = MADE", MADE=call))
        listed = quote("swa_schedulers = [MADE for optimizer in optimizers]", MADE=call)
        return (*made, *listed)

    def stateful(self) -> Mapping[str, str]:
        if not self._anneals:
            return super().stateful()
        name = "swa_schedulers" if self.spec.has_several_optimizers else "swa_scheduler"
        return {**super().stateful(), name: name}

    def after_steps(self) -> Statements:
        return quote(
            f"""
            if {self._count} <= SWA_START:
                average.n_averaged.zero_()  # until then it is the model as it is
            average.update_parameters(model)
            STATISTICS
            """,
            STATISTICS=self._statistics() if self._has_statistics else (),
        )

    @property
    def _count(self) -> str:
        return "step" if self.spec.counts_steps else "epoch"

    def _statistics(self) -> Statements:
        """What batch norm needs to know of its inputs is found anew for averaged weights."""
        first = next(iter(data_fields(self.spec, self.model).inputs))
        batches = quoted("[ROWS.FIELD]", ROWS=self._rows, FIELD=first)
        if not self.spec.full_batch:
            rows: code.Expression = code.Name(self._rows)
            if self.model.smallest_batch > 1:
                rows = shuffled_rows(self.spec, self.model.smallest_batch, self._rows)
            batches = quoted("ROWS.batches(batch_size)", ROWS=rows)
        return quote(
            f"""
            if {self._count} > SWA_START:
                update_bn(BATCHES, average)
            """,
            BATCHES=batches,
        )

    @property
    def _rows(self) -> str:
        return "train_data" if self.spec.data.is_split else "data"

    def after_epoch(self) -> Statements:
        if not self._anneals:
            return ()
        several = self.spec.has_several_optimizers
        step = "for scheduler in swa_schedulers:\n    scheduler.step()"
        before = scheduler_step(self.spec) if self.spec.schedulers else ()
        annealed = quote(step if several else "swa_scheduler.step()")
        test = quoted(f"{self._count} >= SWA_START")
        return (code.If(test, annealed, before),)
