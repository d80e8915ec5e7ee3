"""The sections of training, read: every argument known, every name bound."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Final

from ...spec.record import Record
from ...spec.tensor.type import TensorType, product
from ..elaborate.typed import TypedScope, state
from ..resolve.bound import Bound, Input, Param, walk

if TYPE_CHECKING:
    from ...spec.layers.base import StateEntry
    from ...spec.losses.base import Loss, Meaning, Targets
    from ...spec.metrics import Metric
    from ...spec.optimizers.base import Optimizer
    from ...spec.schedulers.base import Every, Scheduler
    from ...spec.source import Path
    from ...spec.training import Training
    from ...spec.training_tables import Picture
    from ..resolve.graph import Argument
    from ..resolve.patterns import Pattern
    from .data_spec import Data
    from .loss_scales import Scale


TARGET: Final = "target"
"""What expressions call the target that comes from the data."""


def reads(*expressions: Bound) -> frozenset[str]:
    """What expressions read: inputs, outputs and parameters of the model, and the target."""
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
    scale: float | Scale
    inputs: Mapping[str, Bound]
    left_out: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, StateEntry]:
        """What it learns itself, by its names in the module."""
        state = self.loss.state() if self.loss is not None else {}
        return {name: entry for name, entry in state.items() if entry.trainable}

    @property
    def expressions(self) -> tuple[Bound, ...]:
        """What it computes itself."""
        return (self.formula,) if self.formula is not None else tuple(self.inputs.values())

    @property
    def computed(self) -> tuple[Bound, ...]:
        """What it computes in all."""
        scale = self.scale
        return (
            self.expressions
            if isinstance(scale, int | float)
            else (*self.expressions, scale.expression)
        )

    @property
    def reads(self) -> frozenset[str]:
        """The inputs, outputs and parameters of the model that it reads, and the target."""
        return reads(*self.expressions)

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
    losses: the names of those that it steps on; none for all together.
    """

    path: Path
    optimizer: Optimizer
    condition: Condition | None
    groups: tuple[ParameterGroup, ...]
    has_others: bool
    losses: tuple[str, ...] = ()

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


class MetricTerm(Record):
    """One of the metrics.

    name: what it is called in the log. inputs: what it compares; empty for the output and the
    target. meaning: what it takes its input for, where it has inputs.
    """

    path: Path
    name: str
    metric: Metric
    inputs: Mapping[str, Bound]
    meaning: Meaning | None = None


class StartTerm(Record):
    """A file whose weights training starts from.

    globs: the names, in the model, of what is taken; none for everything.
    rename: names in the model by those in the file, as globs.
    """

    path: str
    globs: tuple[str, ...]
    rename: Mapping[str, str]
    strict: bool


class FrozenTerm(Record):
    """Parameters that do not learn as long as any such entry holds.

    modules: those that are in eval mode meanwhile, by their places in the model.
    until: how many epochs, or steps, that lasts; None for ever.
    """

    condition: Condition
    modules: tuple[str, ...]
    until: int | None


class TrainingSpec(Record):
    """How a model is trained.

    outputs: the names of the model's outputs in formulas.
    target_type: what the losses compare with; None where they compare outputs alone.
    targets: the numbers that the target may hold.
    is_partial: whether some parameter, which is frozen, is in no optimizer.
    repeated: the blocks of which repeats make several, where processes divide them.
    layers: the layers of the losses, where they have some.
    smallest_batch: the fewest rows that these are trained with at once.
    """

    outputs: tuple[str, ...]
    data: Data
    target_type: TensorType | None
    targets: Targets
    losses: tuple[LossTerm, ...]
    optimizers: tuple[OptimizerTerm, ...]
    is_partial: bool
    schedulers: tuple[SchedulerTerm, ...]
    metrics: tuple[MetricTerm, ...]
    pictures: tuple[Picture, ...]
    training: Training
    repeated: tuple[str, ...] = ()
    starts: tuple[StartTerm, ...] = ()
    frozen: tuple[FrozenTerm, ...] = ()
    layers: TypedScope | None = None
    smallest_batch: int = 1

    @property
    def optimizer(self) -> Optimizer:
        """The first optimizer, which is the only one where `has_several_optimizers` is false."""
        return self.optimizers[0].optimizer

    @property
    def learning_rate(self) -> float | None:
        """How far the optimizer's steps go; None where that is not one number."""
        groups = (group for term in self.optimizers for group in term.groups)
        apart = any("lr" in group.settings for group in groups)
        # These two say all rates themselves.
        told = any(
            type(t.scheduler).__name__ in ("CyclicLR", "OneCycleLR") for t in self.schedulers
        )
        if apart or told or self.has_several_optimizers or not isfinite(self.optimizer.lr):
            return None
        return float(self.optimizer.lr)

    @property
    def has_several_optimizers(self) -> bool:
        return len(self.optimizers) > 1

    @property
    def takes_turns(self) -> bool:
        """Whether each optimizer makes a step of its own, on its own losses, one after another."""
        return self.has_several_optimizers and bool(self.optimizers[0].losses)

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

    def draws(self, *kinds: str) -> bool:
        """Whether there is a picture of one of these types."""
        return any(picture.type in kinds for picture in self.pictures)

    @property
    def judged_part(self) -> str:
        """The part that says how good the model is: the one furthest from its training."""
        return self.data.parts[-1]

    @property
    def full_batch(self) -> bool:
        """Whether all rows make one step."""
        return self.training.batch_size == "all"

    @property
    def counts_steps(self) -> bool:
        """Whether training is as long as a number of steps rather than of epochs."""
        return self.training.steps is not None

    @property
    def keeps_place(self) -> bool:
        """Whether batches come from a place that outlasts an epoch, or a run."""
        has_checkpoints = self.training.checkpoint is not None
        return self.counts_steps or (has_checkpoints and not self.full_batch)

    @property
    def accumulates(self) -> bool:
        """Whether the gradients of several batches make a step."""
        return self.training.accumulate > 1

    @property
    def scales(self) -> bool:
        """Whether losses are scaled, so that their gradients are not too small for float16."""
        return self.training.precision == "fp16-mixed"

    @property
    def averages(self) -> bool:
        """Whether an average of the weights is what is measured, kept and returned."""
        return self.training.ema is not None or self.training.swa is not None

    @property
    def kept_model(self) -> str:
        """What `train` calls the model that is measured, kept and returned."""
        return "averaged" if self.averages else "model"

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best checkpoint are kept beside the last ones."""
        checkpoint = self.training.checkpoint
        return checkpoint is not None and checkpoint.best is not None

    @property
    def is_distributed(self) -> bool:
        """Whether several processes may train together."""
        return self.training.distributed is not None

    @property
    def is_drawn(self) -> bool:
        """Whether the rows of each batch are drawn afresh."""
        return self.data.source.type_name() == "random"

    @property
    def orders(self) -> bool:
        """Whether a generator says in which order rows are visited."""
        has_seed = self.training.seed is not None or self.is_distributed
        return has_seed and not (self.full_batch or self.is_drawn)

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

    def is_better_higher(self, measured: str) -> bool:
        """Whether what is measured under a name, such as `validation_accuracy`, is to rise."""
        name = measured.removeprefix("validation_")
        return any(term.name == name and term.metric.better == "higher" for term in self.metrics)

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
        return (
            self.layers is not None
            or len(self.losses) > 1
            or first.scale != 1
            or not self._is_plain(first)
        )

    @property
    def loss_learns(self) -> bool:
        """Whether the loss has parameters of its own, which are trained and kept, too."""
        has_state = self.layers is not None and bool(state(self.layers))
        return has_state or any(term.parameters for term in self.losses)

    @property
    def finds_classes(self) -> LossTerm | None:
        """The loss whose linear layer makes class logits of the output, if one does."""
        plain = (term for term in self.losses if self._is_plain(term))
        first = next((term for term in plain if term.loss is not None), None)
        return first if self.meaning == "class features" else None

    @property
    def loss_reads(self) -> frozenset[str]:
        """What the losses read: inputs, outputs and parameters of the model, and the target."""
        layers = self.layers.scope.inputs if self.layers is not None else ()
        read = {name for term in self.losses for name in term.reads}
        return frozenset(read | {item.name for item in layers})

    @property
    def loss_params(self) -> tuple[str, ...]:
        """The params of the model that the losses read."""
        read = (part for term in self.losses for part in walk(term.computed))
        names = dict.fromkeys(part.name for part in read if isinstance(part, Param))
        return tuple(name for name in names if name != self.scale_count)

    @property
    def scale_count(self) -> str | None:
        """What scales of losses follow, if any do: `epoch` or `step`."""
        scales = (term.scale for term in self.losses if not isinstance(term.scale, int | float))
        return next((scale.counted for scale in scales if scale.counted), None)
