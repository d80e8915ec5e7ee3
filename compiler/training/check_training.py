"""Sections of training -> TrainingSpec: data, output, loss, metrics and plots fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ...spec.losses.base import Meaning
from ...spec.metrics import METRICS
from ...spec.source import Path
from ...spec.training import Training
from ..elaborate.interface import ModelInterface, interface
from ..elaborate.typed import TypedGraph, own_leaves, state
from ..resolve.patterns import OwnerTypes
from ..resolve.problems import Problems
from .check_data import check_data
from .check_losses import CheckedLosses, check_losses
from .check_metrics import check_metrics
from .check_optimizers import check_optimizers
from .check_steps import check_steps
from .divide import Division
from .loss_names import LossWords
from .read_table import listed, unknown_name
from .read_training import Sections, read_sections
from .trained import loss_parameters
from .training_spec import TARGET, SchedulerTerm, TrainingSpec

if TYPE_CHECKING:
    from .data_spec import Data
    from .read_schedulers import Lengths


def resolve_training(typed: TypedGraph, problems: Problems) -> TrainingSpec | None:
    """How the document's model is trained; None where it is not, or after a report."""
    model = interface(typed)
    types = OwnerTypes(typed.blocks, model.class_name)
    outputs = (name or model.output_name for name, _ in model.outputs)
    names = dict.fromkeys((TARGET, *outputs, *(name for name, _ in model.inputs)))
    inputs = tuple(name for name, _ in model.inputs)
    words = LossWords(tuple(names), model.output_name, typed)
    sections = read_sections(problems, words, inputs, types)
    if model.of_training:
        told = " and ".join(name or model.output_name for name in sorted(model.of_training))
        problems.error(
            "not-supported",
            f"{told} is None in eval mode: losses, metrics and predictions need all outputs",
            ("model", "outputs"),
            part="key",
        )
    if sections is None:
        return None
    losses = _losses(sections, model, problems)
    terms = losses.terms if losses is not None else sections.losses
    if any(term is not None and not isinstance(term.scale, int | float) for term in terms):
        from .loss_scales import check_scales

        known = [term for term in terms if term is not None]
        check_scales(known, sections.training, typed.root.params, problems)
    if losses is not None:
        fewest = max(model.smallest_batch, losses.smallest_batch)
        model = model.replace(smallest_batch=fewest)
    learned = loss_parameters(terms, losses.layers if losses is not None else None)
    divided = check_optimizers(
        sections.optimizers, sections.training, typed, learned, terms, problems
    )
    return check_training(sections, model, losses, divided, typed, problems)


def check_training(
    sections: Sections,
    model: ModelInterface,
    losses: CheckedLosses | None,
    divided: Division | None,
    typed: TypedGraph,
    problems: Problems,
) -> TrainingSpec | None:
    """The training of a model, or None after reporting why it could not run."""
    schedulers = _schedulers(sections, model, divided, problems)
    if sections.training is not None:
        check_names(sections.training, problems)
    if losses is None or sections.data is None or sections.training is None:
        return None
    before = len(problems.found)
    spec = _spec(sections, model, losses, divided, schedulers)
    check_data(spec, model, typed, problems)
    if None not in sections.metrics:
        _check_monitors(spec, problems)
    if divided is not None and len(divided.terms) == len(sections.optimizers):
        check_steps(spec, model, typed, problems)
        _check_learning(spec, typed, problems)
        spec = _before_training(spec, typed, problems)
        if spec.is_distributed:
            spec = _in_processes(spec, model, typed, problems)
    # A target that does not fit would make a problem of everything that reads it.
    if len(problems.found) == before:
        spec = _check_meaning(spec, model, problems)
        _check_bounds(spec, model, problems)
    return None if problems else spec


def _spec(
    sections: Sections,
    model: ModelInterface,
    losses: CheckedLosses,
    divided: Division | None,
    schedulers: tuple[SchedulerTerm, ...],
) -> TrainingSpec:
    """The training, of sections that could be read; without what could not."""
    assert sections.data is not None
    assert sections.training is not None
    return TrainingSpec(
        tuple(name or model.output_name for name, _ in model.outputs),
        sections.data,
        losses.target,
        losses.targets,
        losses.terms,
        divided.terms if divided is not None else (),
        divided is not None and divided.is_partial,
        schedulers,
        tuple(term for term in sections.metrics if term is not None),
        tuple(picture for picture in sections.pictures if picture is not None),
        sections.training,
        layers=losses.layers,
        smallest_batch=losses.smallest_batch,
    )


def _check_learning(spec: TrainingSpec, typed: TypedGraph, problems: Problems) -> None:
    """The losses of each step read something that learns: others have no gradient."""
    if spec.layers is not None:
        return  # These may learn themselves.
    learning = {name for name, one in state(typed.root).items() if one.trainable and not one.frozen}
    learning |= {*spec.outputs}
    reached = _reached(spec, typed, problems)
    stepped = [term.losses for term in spec.optimizers if term.losses]
    for names in stepped or [tuple(term.name for term in spec.losses)]:
        terms = [term for term in spec.losses if term.name in names]
        if terms and not any(term.parameters or term.reads & learning for term in terms):
            problems.error(
                "nothing-to-train",
                f"{listed(names)} reads nothing that learns: it has no gradient",
                terms[0].path,
                help=f"compare an output of the model: {listed(spec.outputs)}",
            )
        elif terms and reached is not None and not reached & {*names}:
            problems.error(
                "nothing-to-train",
                f"{listed(names)} depends on nothing that learns: it has no gradient",
                terms[0].path,
                help="leave out detach() of what it compares with the target",
            )


def _reached(spec: TrainingSpec, typed: TypedGraph, problems: Problems) -> set[str] | None:
    """The losses with gradients, where a spec detaches something; None where that is not known."""
    if "detach" not in repr(problems.document.value) or own_leaves(typed.root):
        return None
    from .check_gradients import learning_losses

    return learning_losses(spec, typed)


def _before_training(spec: TrainingSpec, typed: TypedGraph, problems: Problems) -> TrainingSpec:
    """What training starts from, and what it leaves as it is."""
    # Imported where it is asked for: most specs start afresh, and all that they have learns.
    if spec.training.start:
        from .check_start import check_start

        spec = spec.replace(starts=check_start(spec, typed, problems))
    if spec.training.freeze:
        from .check_freeze import check_freeze

        spec = spec.replace(frozen=check_freeze(spec, typed, problems))
    return spec


def _in_processes(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> TrainingSpec:
    # Imported where processes are asked for: most specs train in one.
    from .check_distributed import check_distributed, repeated_blocks

    check_distributed(spec, model, typed, problems)
    return spec.replace(repeated=repeated_blocks(typed))


def _losses(sections: Sections, model: ModelInterface, problems: Problems) -> CheckedLosses | None:
    known = tuple(term for term in sections.losses if term is not None)
    if len(known) < len(sections.losses):
        return None
    return check_losses(known, model, sections.data, sections.layers, problems)


def _schedulers(
    sections: Sections, model: ModelInterface, divided: Division | None, problems: Problems
) -> tuple[SchedulerTerm, ...]:
    fewest = model.smallest_batch
    read, length = read_schedulers_of(sections.data, sections.training, fewest, problems)
    schedulers = tuple(term for term in read if term is not None)
    if divided is not None and length is not None and len(schedulers) == len(read):
        from .check_schedulers import check_schedulers

        check_schedulers(schedulers, divided, length, problems)
    return schedulers


def read_schedulers_of(
    data: Data | None, training: Training | None, smallest_batch: int, problems: Problems
) -> tuple[tuple[SchedulerTerm | None, ...], Lengths | None]:
    """The schedulers, and how long training is; what was wrong is None and has been reported."""
    if problems.raw(("scheduler",)) is None:
        return (), None
    # Imported where a spec has schedulers: most have none.
    from .check_schedulers import lengths
    from .read_schedulers import LONG, read_schedulers

    length = lengths(data, training, smallest_batch) if training is not None else None
    return read_schedulers(problems, length or LONG), length


def check_names(training: Training, problems: Problems) -> None:
    """The names of where the log goes."""
    names = training.log_to
    for index, name in enumerate(names):
        if name in names[:index]:
            path = ("training", "log", "to", index)
            problems.error("duplicate-name", f"{name} is given twice", path)


def _check_monitors(spec: TrainingSpec, problems: Problems) -> None:
    """What early stopping, checkpoints and schedulers follow is measured each epoch."""
    if spec.training.early_stopping is not None:
        place = ("training", "early_stopping", "monitor")
        _check_monitor(spec.training.early_stopping.monitor, place, spec, problems)
    checkpoint = spec.training.checkpoint
    if checkpoint is not None and checkpoint.best is not None:
        _check_monitor(checkpoint.best, ("training", "checkpoint", "best"), spec, problems)
    for term in spec.schedulers:
        if term.monitor is None:
            continue
        if _check_monitor(term.monitor, (*term.path, "monitor"), spec, problems):
            _check_mode(term, term.monitor, spec, problems)


def _check_monitor(monitor: str, place: Path, spec: TrainingSpec, problems: Problems) -> bool:
    """Whether what is to be followed is measured each epoch; reports where it is not."""
    losses = ["loss", *(term.name for term in spec.losses if spec.takes_turns)]
    watched = [f"train_{name}" for name in losses]
    if "validation" in spec.data.parts:
        metrics = (term.name for term in spec.metrics)
        watched += [f"validation_{name}" for name in (*losses, *metrics)]
    if monitor.startswith("validation_") and "validation" not in spec.data.parts:
        problems.error(
            "no-validation",
            f"{monitor} is not measured: no rows are kept for validation",
            place,
            help="split = { train = 0.8, validation = 0.2 } in [data]",
        )
    elif monitor not in watched and monitor.removeprefix("validation_") in METRICS:
        metric = monitor.removeprefix("validation_")
        problems.error(
            "unknown-name",
            f"{monitor} is not measured: {metric} is not among the metrics",
            place,
            help=f'metrics = ["{metric}"] in [training]',
        )
    elif monitor not in watched:
        unknown_name(monitor, watched, "measured each epoch", place, problems)
    return monitor in watched


def _check_mode(term: SchedulerTerm, monitor: str, spec: TrainingSpec, problems: Problems) -> None:
    """Whether a scheduler waits for what it follows to rise or to fall."""
    expected = "max" if spec.is_better_higher(monitor) else "min"
    mode = getattr(term.scheduler, "mode", expected)
    if mode != expected:
        problems.error(
            "invalid-value",
            f"{monitor} is better the {'higher' if expected == 'max' else 'lower'} it is,"
            f' mode is "{mode}"',
            (*term.path, "mode" if "mode" in term.scheduler.given() else "monitor"),
            help=f'mode = "{expected}"',
        )


_ANY_NUMBER: Final = ("Linear", "Bilinear", "Conv")
"""How the types of layers begin whose outputs have no bounds."""
_BOUNDED: Final[Mapping[Meaning, tuple[str, str, str]]] = {
    "probability": (
        "not-a-probability",
        "a probability, from 0 to 1",
        'type = "BCEWithLogitsLoss", or a Sigmoid as the last layer',
    ),
    "class log-probabilities": (
        "not-a-log-probability",
        "log-probabilities, at most 0",
        'type = "CrossEntropyLoss", or a LogSoftmax as the last layer',
    ),
    "log-probabilities": (
        "not-a-log-probability",
        "log-probabilities, at most 0",
        "a LogSoftmax as the last layer",
    ),
    "rate": (
        "not-a-rate",
        "a rate, above 0",
        "log_input = true, or a Softplus as the last layer",
    ),
}
"""For what has bounds: the code of a problem with it, what it is, and what gives it."""


def _check_bounds(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Numbers without bounds are no probabilities: torch refuses some of them in one step or
    another, and of others a loss falls without end, or is nan."""
    layer = model.last_layer
    if spec.meaning in _BOUNDED and layer is not None and layer.startswith(_ANY_NUMBER):
        code, takes, help = _BOUNDED[spec.meaning]
        term = next(t for t in spec.losses if t.loss is not None and t.loss.meaning == spec.meaning)
        problems.error(
            code,
            f"{type(term.loss).__name__} takes {takes}; {layer} gives any number",
            (*term.path, "type"),
            help=help,
        )


def _check_meaning(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> TrainingSpec:
    """What reads the output in a certain way: metrics, pictures, a split by class."""
    spec = spec.replace(metrics=check_metrics(spec, model, problems))
    if spec.pictures:
        # Imported where there are some.
        from .check_pictures import check_pictures

        check_pictures(spec, model, problems)
    split = spec.data.split
    if split is not None and split.kind == "stratified" and not spec.has_classes:
        problems.error(
            "no-classes",
            "stratified needs classes, the target is a quantity",
            ("data", "split", "by"),
        )
    return spec
