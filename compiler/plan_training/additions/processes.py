"""Several processes, started by torchrun: each computes its share of every batch."""

from __future__ import annotations

from collections.abc import Iterator

from ...emit import code
from ...emit.quote import quote
from ...training.training_spec import TrainingSpec
from .addition import Addition, Import, Statements


class Processes(Addition):
    """`distributed` of `[training]`."""

    @property
    def _shards(self) -> bool:
        return self.spec.training.distributed == "fsdp"

    def imports(self) -> Iterator[Import]:
        names = ["Shares", "SharedLoss", "SharedLosses", "in_processes", "is_first"]
        names += ["local_device", *(["gathered", "shard"] if self._shards else ["replicated"])]
        if self.spec.training.seed is None:
            names.append("shared_seed")
        if "validation" in self.spec.data.parts:
            names.append("of_first")
        yield code.ImportFrom(".distributed", tuple(names))
        if self._shards and self.spec.repeated:
            yield code.ImportFrom(".model", self.spec.repeated)

    def modules(self) -> Iterator[str]:
        yield "distributed"

    def decorators(self) -> tuple[code.Expression, ...]:
        return (code.Name("in_processes"),)

    def at_start(self) -> Statements:
        drawn = quote("seed = shared_seed()") if self.spec.training.seed is None else ()
        return quote("device = local_device(device)") + drawn

    def after_model(self) -> Statements:
        if not self._shards:
            return quote("parallel = replicated(model)")
        return quote("SHARD", SHARD=sharded(self.spec, "model"))

    def after_optimizer(self, rows: str) -> Statements:
        made = quote(
            """
            shares = Shares()
            shared_loss = SharedLoss(loss_fn, shares)
            """
        )
        if self.spec.is_drawn:
            return made
        return made + quote(
            "torch.manual_seed(seed + shares.rank)  # what layers draw differs by process"
        )

    def passed(self) -> tuple[code.Arg, ...]:
        return (code.Arg("shares", code.Name("Shares")),)

    def at_end(self) -> Statements:
        if not self._shards:
            return ()
        kept = self.spec.kept_model
        return quote(f"{kept} = gathered({kept}, Model().to(device))", Model=self.model.class_name)


def sharded(spec: TrainingSpec, model: str, *given: code.Keyword) -> code.Call:
    """The call that divides the parameters of a model over the processes."""
    blocks = tuple(map(code.Name, spec.repeated))
    return code.Call(code.Name("shard"), (code.Name(model), *blocks), given)
