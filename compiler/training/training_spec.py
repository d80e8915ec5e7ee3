"""The sections of training, read: every argument known, every name bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...spec.metrics import METRICS, Metric
from ...spec.record import Record

if TYPE_CHECKING:
    from ...spec.data.base import Source
    from ...spec.data.inputs import InputColumns
    from ...spec.data.split import Split
    from ...spec.losses.base import Loss, Meaning
    from ...spec.optimizers.base import Optimizer
    from ...spec.schedulers.base import Every, Scheduler
    from ...spec.source import Path
    from ...spec.tensor.type import TensorType
    from ...spec.training import Training
    from ..resolve.bound import Bound
    from ..resolve.graph import Argument
    from ..resolve.patterns import Pattern


class LossTerm(Record):
    """One of the losses that add up: a module of torch, or a formula of the output and `target`."""

    path: Path
    name: str
    loss: Loss | None
    formula: Bound | None
    scale: float


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

    output: the name of the model's output in formulas.
    target: of a table, the target's column; None for other sources.
    target_type: what the losses compare the output with.
    is_partial: whether some parameter, which is frozen, is in no optimizer.
    """

    output: str
    source: Source
    inputs: Mapping[str, InputColumns]
    target: str | None
    target_type: TensorType
    split: Split | None
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
    def has_columns(self) -> bool:
        """Whether the rows come from a file whose columns have names."""
        return self.source.has_columns

    @property
    def finds_columns(self) -> bool:
        """Whether the input's columns are those of the table that is trained on.

        Then their names are kept with the weights, so that later tables are read by name.
        """
        return self.has_columns and all(item.columns is None for item in self.inputs.values())

    @property
    def meaning(self) -> Meaning:
        """What the losses take the output for."""
        return next((term.loss.meaning for term in self.losses if term.loss is not None), "value")

    @property
    def parts(self) -> dict[str, float]:
        """The share of each part of the data; all of it is for training without a split."""
        return self.split.parts() if self.split is not None else {"train": 1.0}

    @property
    def judged_part(self) -> str:
        """The part that says how good the model is: the one furthest from its training."""
        return list(self.parts)[-1]

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
        if self.has_own_loss or self.full_batch or self.is_sum or self.meaning != "class logits":
            return False
        loss = self.losses[0].loss
        return loss is not None and bool({"weight", "ignore_index"} & loss.given().keys())

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
    def prepared(self) -> dict[str, str]:
        """The one preparation of each input that has any."""
        return {name: item.prepare[0] for name, item in self.inputs.items() if item.prepare}

    @property
    def has_own_loss(self) -> bool:
        """Whether the loss is a class of the package's own rather than one module of torch."""
        first = self.losses[0]
        return len(self.losses) > 1 or first.loss is None or first.scale != 1

    @property
    def formula_names(self) -> dict[str, str]:
        """What the code of a loss calls the names in formulas."""
        return {self.output: "output", "target": "target"}
