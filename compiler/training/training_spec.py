"""The sections of training, read: every argument known, every name bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ...spec.metrics import METRICS, Metric
from ...spec.record import Record
from ...spec.tensor.type import TensorType, product
from ..resolve.bound import Bound, Input, walk

if TYPE_CHECKING:
    from ...spec.layers.base import StateEntry
    from ...spec.losses.base import Loss, Meaning, Targets
    from ...spec.optimizers.base import Optimizer
    from ...spec.schedulers.base import Every, Scheduler
    from ...spec.source import Path
    from ...spec.training import Training
    from ..resolve.graph import Argument
    from ..resolve.patterns import Pattern
    from .data_spec import Data


TARGET: Final = "target"
"""What expressions call the target that comes from the data."""


def reads(*expressions: Bound) -> frozenset[str]:
    """The inputs and outputs of the model that expressions read, and the target."""
    return frozenset(part.name for part in walk(expressions) if isinstance(part, Input))


class LossTerm(Record):
    """One of the losses that add up: a module of torch, or a formula.

    inputs: what the module is called with, by the names of its arguments.
    left_out: the module's sizes that are not written: they follow from its first input.
    """

    path: Path
    name: str
    loss: Loss | None
    formula: Bound | None
    scale: float
    inputs: Mapping[str, Bound]
    left_out: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, StateEntry]:
        """What it learns itself, by its names in the module."""
        state = self.loss.state() if self.loss is not None else {}
        return {name: entry for name, entry in state.items() if entry.trainable}

    @property
    def reads(self) -> frozenset[str]:
        """The inputs and outputs of the model that it reads, and the target."""
        formula = (self.formula,) if self.formula is not None else ()
        return reads(*self.inputs.values(), *formula)

    @property
    def takes_target(self) -> bool:
        """Whether it compares with the target as it comes from the data."""
        written = self.inputs.get(self.loss.target or "") if self.loss is not None else None
        return isinstance(written, Input) and written.name == TARGET

    def takes_output(self, name: str) -> bool:
        """Whether it compares this output with the target, both as they are, and nothing else."""
        first = next(iter(self.inputs.values()), None)
        is_output = isinstance(first, Input) and first.name == name
        return is_output and self.takes_target and len(self.inputs) == 2


class Condition(Record):
    """Which parameters are meant: those of `names`, or without these what a pattern matches."""

    patterns: tuple[Pattern, ...]
    names: tuple[str, ...]


class ParameterGroup(Record):
    """Parameters of an optimizer that are trained by settings of their own.

    conditions: what holds for them, all of it. settings: the arguments that differ.
    """

    conditions: tuple[Condition, ...]
    settings: Mapping[str, object]


class OptimizerTerm(Record):
    """One of the optimizers.

    condition: which parameters it trains; None for those that no other one does.
    groups: those with settings of their own; what an earlier group has is in no later one.
    has_others: whether it trains parameters beyond the groups.
    """

    path: Path
    optimizer: Optimizer
    condition: Condition | None
    groups: tuple[ParameterGroup, ...]
    has_others: bool

    @property
    def group_count(self) -> int:
        """How many parameter groups torch sees."""
        return len(self.groups) + self.has_others


class SchedulerTerm(Record):
    """One of the schedulers.

    formulas: the arguments that are written as expressions.
    until: the step or epoch at which the next one takes over, as written and as a number.
    monitor: what is measured and told to a step, where it wants to know.
    """

    path: Path
    scheduler: Scheduler
    formulas: Mapping[str, Argument]
    every: Every
    until: tuple[Argument, int] | None
    monitor: str | None


class TrainingSpec(Record):
    """How a model is trained.

    outputs: the names of the model's outputs in formulas.
    target_type: what the losses compare with; None where they compare outputs alone.
    targets: the numbers that the target may hold.
    is_partial: whether some parameter, which is frozen, is in no optimizer.
    """

    outputs: tuple[str, ...]
    data: Data
    target_type: TensorType | None
    targets: Targets
    losses: tuple[LossTerm, ...]
    optimizers: tuple[OptimizerTerm, ...]
    is_partial: bool
    schedulers: tuple[SchedulerTerm, ...]
    training: Training

    @property
    def optimizer(self) -> Optimizer:
        """The first optimizer, which is the only one where `has_several_optimizers` is false."""
        return self.optimizers[0].optimizer

    @property
    def has_several_optimizers(self) -> bool:
        return len(self.optimizers) > 1

    @property
    def meaning(self) -> Meaning:
        """What the losses take the output for: no more than values, where they read it otherwise
        than as it is."""
        losses = (term.loss for term in self.losses if self._is_plain(term))
        return next((loss.meaning for loss in losses if loss is not None), "value")

    def _is_plain(self, term: LossTerm) -> bool:
        return len(self.outputs) == 1 and term.takes_output(self.outputs[0])

    @property
    def has_classes(self) -> bool:
        """Whether a row's target is the number of a class, or a sign."""
        target = self.target_type
        if target is None or product(target.shape[1:]) != 1:
            return False
        return self.targets.only is not None or target.dtype == "int64"

    @property
    def judged_part(self) -> str:
        """The part that says how good the model is: the one furthest from its training."""
        return self.data.parts[-1]

    @property
    def full_batch(self) -> bool:
        """Whether all rows make one step."""
        return self.training.batch_size == "all"

    @property
    def is_sum(self) -> bool:
        """Whether the loss of a batch is a sum over its rows rather than a mean."""
        return all(term.loss is not None and term.loss.reduction == "sum" for term in self.losses)

    @property
    def weighs_targets(self) -> bool:
        """Whether the mean over a batch divides by something else than the number of its rows."""
        loss = self.losses[0].loss
        if self.has_own_loss or self.full_batch or self.is_sum or loss is None:
            return False
        return loss.weighs_targets and bool({"weight", "ignore_index"} & loss.given().keys())

    @property
    def ignored(self) -> tuple[int, ...]:
        """The target that a loss of classes is told to leave out, if any."""
        given = [term.loss.given() for term in self.losses if term.loss is not None]
        return tuple({a["ignore_index"]: None for a in given if "ignore_index" in a})

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple(METRICS[name] for name in self.training.metrics)

    def is_better_higher(self, measured: str) -> bool:
        """Whether what is measured under a name, such as `validation_accuracy`, is to rise."""
        metric = METRICS.get(measured.removeprefix("validation_"))
        return metric is not None and metric.better == "higher"

    @property
    def has_preparation(self) -> bool:
        """Whether something is kept of the training rows: what was fitted, which columns."""
        return self.data.source.form != "tensors" or any(
            rows.steps for rows in self.data.inputs.values()
        )

    @property
    def has_own_loss(self) -> bool:
        """Whether the loss is a class of the package's own rather than one module of torch."""
        first = self.losses[0]
        return len(self.losses) > 1 or first.scale != 1 or not self._is_plain(first)

    @property
    def loss_learns(self) -> bool:
        """Whether the loss has parameters of its own, which are trained and kept, too."""
        return any(term.parameters for term in self.losses)

    @property
    def finds_classes(self) -> LossTerm | None:
        """The loss whose linear layer makes class logits of the output, if one does."""
        plain = (term for term in self.losses if self._is_plain(term))
        first = next((term for term in plain if term.loss is not None), None)
        return first if self.meaning == "class features" else None

    @property
    def loss_reads(self) -> frozenset[str]:
        """The inputs and outputs of the model that the losses read, and the target."""
        return frozenset(name for term in self.losses for name in term.reads)
