"""Sections of training -> TrainingSpec: data, output, loss, metrics and plots fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...spec.losses.base import Meaning
from ...spec.metrics import METRICS
from ...spec.source import Path
from ..elaborate.interface import ModelInterface, interface
from ..elaborate.typed import TypedGraph
from ..resolve.patterns import OwnerTypes
from ..resolve.problems import Problems
from .check_data import check_data
from .check_losses import CheckedLosses, check_losses
from .check_optimizers import check_optimizers
from .divide import Division
from .read_table import unknown_name
from .read_training import Sections, read_sections
from .trained import loss_parameters
from .training_spec import TARGET, SchedulerTerm, TrainingSpec


def resolve_training(typed: TypedGraph, problems: Problems) -> TrainingSpec | None:
    """How the document's model is trained; None where it is not, or after a report."""
    model = interface(typed)
    types = OwnerTypes(typed.blocks, model.class_name)
    outputs = (name or model.output_name for name, _ in model.outputs)
    names = dict.fromkeys((TARGET, *outputs, *(name for name, _ in model.inputs)))
    inputs = tuple(name for name, _ in model.inputs)
    sections = read_sections(problems, tuple(names), inputs, typed.root.params, types)
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
    learned = loss_parameters(losses.terms if losses is not None else sections.losses)
    divided = check_optimizers(sections.optimizers, sections.training, typed, learned, problems)
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
    if problems or losses is None:
        return None
    # Without a problem so far, every section has been read.
    assert sections.data is not None
    assert divided is not None
    assert sections.training is not None
    spec = TrainingSpec(
        tuple(name or model.output_name for name, _ in model.outputs),
        sections.data,
        losses.target,
        losses.targets,
        losses.terms,
        divided.terms,
        divided.is_partial,
        schedulers,
        sections.training,
    )
    check_data(spec, model, typed, problems)
    _check_names(spec, problems)
    _check_monitors(spec, problems)
    # A target that does not fit would make a problem of everything that reads it.
    if not problems:
        _check_meaning(spec, model, problems)
        _check_bounds(spec, model, problems)
    return None if problems else spec


def _losses(sections: Sections, model: ModelInterface, problems: Problems) -> CheckedLosses | None:
    known = tuple(term for term in sections.losses if term is not None)
    if len(known) < len(sections.losses):
        return None
    return check_losses(known, model, sections.data, problems)


def _schedulers(
    sections: Sections, model: ModelInterface, divided: Division | None, problems: Problems
) -> tuple[SchedulerTerm, ...]:
    if problems.raw(("scheduler",)) is None:
        return ()
    # Imported where a spec has schedulers: most have none.
    from .check_schedulers import check_schedulers, lengths
    from .read_schedulers import read_schedulers

    length = lengths(sections, model)
    read = read_schedulers(problems, length)
    schedulers = tuple(term for term in read if term is not None)
    if divided is not None and len(schedulers) == len(read):
        check_schedulers(schedulers, divided, length, problems)
    return schedulers


def _check_names(spec: TrainingSpec, problems: Problems) -> None:
    """The names of metrics and pictures."""
    training = spec.training
    for key, names in (("metrics", training.metrics), ("plots", training.plots)):
        for index, name in enumerate(names):
            path = ("training", key, index)
            if key == "metrics" and name not in METRICS:
                unknown_name(name, METRICS, "a metric", path, problems)
            elif name in names[:index]:
                problems.error("duplicate-name", f"{name} is given twice", path)


def _check_monitors(spec: TrainingSpec, problems: Problems) -> None:
    """What early stopping and schedulers follow is measured each epoch."""
    if spec.training.early_stopping is not None:
        place = ("training", "early_stopping", "monitor")
        _check_monitor(spec.training.early_stopping.monitor, place, spec, problems)
    for term in spec.schedulers:
        if term.monitor is None:
            continue
        if _check_monitor(term.monitor, (*term.path, "monitor"), spec, problems):
            _check_mode(term, term.monitor, spec, problems)


def _check_monitor(monitor: str, place: Path, spec: TrainingSpec, problems: Problems) -> bool:
    """Whether what is to be followed is measured each epoch; reports where it is not."""
    watched = ["train_loss"]
    if "validation" in spec.data.parts:
        watched += ["validation_loss", *(f"validation_{name}" for name in spec.training.metrics)]
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


def _check_meaning(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """What reads the output in a certain way: metrics, pictures, a split by class."""
    meaning = spec.meaning
    _, output = model.outputs[0]
    is_pair = len(model.outputs) == 1 and spec.target_type is not None
    for index, metric in enumerate(spec.metrics):
        if not is_pair or (meaning == "value" and spec.target_type != output):
            problems.error(
                "wrong-metric",
                f"{metric.function} compares the one output with a target of its shape",
                ("training", "metrics", index),
            )
        elif meaning not in metric.modules:
            problems.error(
                "wrong-metric",
                f"{metric.function} does not apply: the loss takes the output for"
                f"{'' if meaning.endswith('s') else ' a'} {meaning}",
                ("training", "metrics", index),
            )
    for index, plot in enumerate(spec.training.plots):
        if plot == "probabilities" and meaning not in ("probability", "logit"):
            problems.error(
                "wrong-plot",
                "this picture needs the probability of a yes or no",
                ("training", "plots", index),
            )
    split = spec.data.split
    if split is not None and split.kind == "stratified" and not spec.has_classes:
        problems.error(
            "no-classes",
            "stratified needs classes, the target is a quantity",
            ("data", "split", "by"),
        )
