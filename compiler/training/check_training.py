"""Sections of training -> TrainingSpec: data, output, loss, metrics and plots fit together."""

from __future__ import annotations

from typing import Final

from ...spec import registry
from ...spec.metrics import METRICS
from ...spec.refusal import Refusal
from ...spec.source import Path
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface, interface
from ..elaborate.typed import TypedGraph
from ..resolve.problems import Problems
from .check_data import check_data
from .check_optimizers import check_optimizers
from .check_schedulers import check_schedulers, lengths
from .divide import Division
from .read_schedulers import read_schedulers
from .read_table import report_refusal, unknown_name
from .read_training import Sections, read_sections
from .training_spec import SchedulerTerm, TrainingSpec


def resolve_training(typed: TypedGraph, problems: Problems) -> TrainingSpec | None:
    """How the document's model is trained; None where it is not, or after a report."""
    model = interface(typed)
    types = {*registry.families("layers"), *typed.blocks, model.class_name}
    sections = read_sections(problems, model.output_name, types)
    if sections is None:
        return None
    divided = check_optimizers(sections.optimizers, sections.training, typed, problems)
    return check_training(sections, model, divided, problems)


def check_training(
    sections: Sections, model: ModelInterface, divided: Division | None, problems: Problems
) -> TrainingSpec | None:
    """The training of a model, or None after reporting why it could not run."""
    target = _target_type(sections, model, problems)
    length = lengths(sections, model)
    read = read_schedulers(problems, length)
    schedulers = tuple(term for term in read if term is not None)
    if divided is not None and len(schedulers) == len(read):
        check_schedulers(schedulers, divided, length, problems)
    _check_reductions(sections, problems)
    if problems or target is None:
        return None
    # Without a problem so far, every section has been read.
    assert sections.data is not None
    assert divided is not None
    assert sections.training is not None
    spec = TrainingSpec(
        model.output_name,
        sections.data.source,
        sections.data.inputs,
        sections.data.target,
        target,
        sections.data.split,
        tuple(term for term in sections.losses if term is not None),
        divided.terms,
        divided.is_partial,
        schedulers,
        sections.training,
    )
    check_data(spec, model, problems)
    _check_names(spec, problems)
    _check_monitors(spec, problems)
    # A target that does not fit would make a problem of everything that reads it.
    if not problems:
        _check_meaning(spec, problems)
        _check_probability(spec, model, problems)
    return None if problems else spec


def _target_type(
    sections: Sections, model: ModelInterface, problems: Problems
) -> TensorType | None:
    """The target that all losses compare the output with."""
    if len(model.outputs) != 1:
        problems.error(
            "several-outputs",
            f"training compares one output with the target, {model.class_name} has"
            f" {len(model.outputs)}",
            ("loss",),
            part="key",
        )
        return None
    _, output = model.outputs[0]
    expected: TensorType | None = None
    for term in sections.losses:
        if term is None or term.loss is None:
            continue
        try:
            target = term.loss.target_type(output)
        except Refusal as refusal:
            name = type(term.loss).__name__
            if name not in refusal.message:
                refusal.message = f"{name} of an output {output}: {refusal.message}"
            report_refusal(refusal, term.loss.given(), term.path, problems)
            return None
        if expected is not None and target != expected:
            name = type(term.loss).__name__
            said = f"{name} compares with a target {target}, the losses before it with {expected}"
            problems.error("losses-differ", said, term.path)
        expected = expected or target
    types = {model.output_name: output, "target": expected or output}
    for term in sections.losses:
        if term is not None and term.formula is not None:
            from .loss_formula import check_formula

            check_formula(term.formula, (*term.path, "expr"), types, problems)
    return expected or output


def _check_reductions(sections: Sections, problems: Problems) -> None:
    for term in sections.losses:
        if term is None or term.loss is None:
            continue
        if term.loss.reduction == "none":
            problems.error(
                "not-a-number",
                "training needs one number, an unreduced loss is one for each element",
                (*term.path, "reduction"),
                help='reduction = "mean"',
            )
        if term.loss.reduction == "sum" and len(sections.losses) > 1:
            problems.error(
                "sum-and-mean",
                "losses that add up must all be means, else their weights change with the batch",
                (*term.path, "reduction"),
                help='reduction = "mean" and a scale',
            )


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
    if "validation" in spec.parts:
        watched += ["validation_loss", *(f"validation_{name}" for name in spec.training.metrics)]
    if monitor.startswith("validation_") and "validation" not in spec.parts:
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


def _check_probability(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """torch refuses numbers outside of 0 to 1 as probabilities, in one step or another."""
    layer = model.last_layer
    if spec.meaning == "probability" and layer is not None and layer.startswith(_ANY_NUMBER):
        term = next(t for t in spec.losses if t.loss is not None and t.loss.meaning == spec.meaning)
        problems.error(
            "not-a-probability",
            f"{type(term.loss).__name__} takes a probability, from 0 to 1;"
            f" {layer} gives any number",
            (*term.path, "type"),
            help='type = "BCEWithLogitsLoss", or a Sigmoid as the last layer',
        )


def _check_meaning(spec: TrainingSpec, problems: Problems) -> None:
    """What reads the output in a certain way: metrics, pictures, a split by class."""
    meaning = spec.meaning
    for index, metric in enumerate(spec.metrics):
        if meaning not in metric.modules:
            problems.error(
                "wrong-metric",
                f"{metric.function} does not apply: the loss takes the output for a {meaning}",
                ("training", "metrics", index),
            )
    for index, plot in enumerate(spec.training.plots):
        if plot == "probabilities" and meaning not in ("probability", "logit"):
            problems.error(
                "wrong-plot",
                "this picture needs the probability of a yes or no",
                ("training", "plots", index),
            )
    if spec.split is not None and spec.split.by == "stratified" and meaning == "value":
        problems.error(
            "no-classes",
            "stratified needs classes, the target is a quantity",
            ("data", "split", "by"),
        )
