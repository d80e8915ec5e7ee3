"""Sections of training -> TrainingSpec: data, output, loss, metrics and plots fit together."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ..spec.data.base import Known, Source
from ..spec.data.section import DataSection, Split
from ..spec.data.tables import Csv
from ..spec.metrics import METRICS
from ..spec.refusal import Refusal
from ..spec.tensor.dim import Dim
from ..spec.tensor.type import TensorType, product, shape_text
from .interface import ModelInterface, interface
from .problems import Problems
from .read_table import report_refusal, unknown_name
from .read_training import Sections, read_sections
from .training_spec import TrainingSpec
from .typed import TypedGraph


def resolve_training(typed: TypedGraph, problems: Problems) -> TrainingSpec | None:
    """How the document's model is trained; None where it is not, or after a report."""
    model = interface(typed)
    sections = read_sections(problems, model.output_name)
    return check_training(sections, model, problems) if sections is not None else None


def check_training(
    sections: Sections, model: ModelInterface, problems: Problems
) -> TrainingSpec | None:
    """The training of a model, or None after reporting why it could not run."""
    target = _target_type(sections, model, problems)
    _check_groups(sections, model, problems)
    _check_scheduler(sections, problems)
    _check_reductions(sections, problems)
    if problems or target is None:
        return None
    # Without a problem so far, every section has been read.
    assert sections.source is not None
    assert sections.data is not None
    assert sections.optimizer is not None
    assert sections.training is not None
    spec = TrainingSpec(
        model.output_name,
        sections.source,
        sections.data.inputs,
        sections.data.target,
        target,
        sections.data.split,
        tuple(term for term in sections.losses if term is not None),
        sections.optimizer,
        tuple(group for group in sections.groups if group is not None),
        sections.scheduler,
        sections.training,
    )
    _check_inputs(spec, model, sections.data, problems)
    _check_target(spec, model, problems)
    _check_parts(spec, model, problems)
    _check_names(spec, problems)
    # A target that does not fit would make a problem of everything that reads it.
    if not problems:
        _check_meaning(spec, problems)
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
            report_refusal(refusal, term.loss.given(), term.path, problems)
            return None
        if expected is not None and target != expected:
            problems.error(
                "losses-differ",
                f"{type(term.loss).__name__} compares with a target {target}, the losses before"
                f" it with {expected}",
                term.path,
            )
        expected = expected or target
    types = {model.output_name: output, "target": expected or output}
    for term in sections.losses:
        if term is not None and term.formula is not None:
            from .loss_formula import check_formula

            check_formula(term.formula, (*term.path, "expr"), types, problems)
    return expected or output


def _check_groups(sections: Sections, model: ModelInterface, problems: Problems) -> None:
    names = model.parameters()
    if not names:
        problems.error(
            "nothing-to-train", f"{model.class_name} has no parameters", ("optimizer",), part="key"
        )
    claimed: dict[str, int] = {}
    for index, group in enumerate(sections.groups):
        path = ("optimizer", "param_groups", index, "match")
        for pattern in group.patterns if group is not None else ():
            matched = [name for name in names if fnmatchcase(name, pattern)]
            taken = [name for name in matched if claimed.setdefault(name, index) != index]
            if not matched:
                problems.error(
                    "no-match",
                    f"{pattern} matches no parameter",
                    path,
                    help=f"there are {', '.join(names[:8])}",
                )
            if taken:
                problems.error("two-groups", f"{taken[0]} is in an earlier group already", path)


def _check_scheduler(sections: Sections, problems: Problems) -> None:
    if sections.scheduler is None or sections.optimizer is None:
        return
    # Parameters that no group claims form a group of their own.
    groups = len(sections.groups) + 1
    try:
        sections.scheduler.check(sections.optimizer, groups)
    except Refusal as refusal:
        report_refusal(refusal, sections.scheduler.given(), ("scheduler",), problems)


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


def _check_inputs(
    spec: TrainingSpec, model: ModelInterface, data: DataSection, problems: Problems
) -> None:
    names = [name for name, _ in model.inputs]
    for name in data.inputs:
        if name not in names:
            unknown_name(name, names, "an input", ("data", "inputs", name), problems)
        elif len(data.inputs[name].prepare) > 1:
            problems.error(
                "too-many", "one preparation is enough", ("data", "inputs", name, "prepare", 1)
            )
    batches = {tensor.shape[0] if tensor.rank else Dim.of(1) for _, tensor in model.inputs}
    if len(batches) != 1 or next(iter(batches)).is_constant:
        problems.error(
            "no-batch",
            "training feeds many rows at once: all inputs must share a first size that is free,"
            ' such as "batch"',
            ("model", "inputs"),
        )
    for name, tensor in model.inputs:
        _check_input(name, tensor, spec.source, data, len(names), problems)


def _check_input(
    name: str,
    tensor: TensorType,
    source: Source,
    data: DataSection,
    inputs: int,
    problems: Problems,
) -> None:
    place = ("model", "inputs", name)
    varying = [size for size in tensor.shape[1:] if not size.is_constant]
    if varying:
        problems.error(
            "varying-size",
            f"{name} is {shape_text(tensor.shape)}: {varying[0]} varies, a table's columns don't",
            place,
        )
        return
    width = int(product(tensor.shape[1:]))
    given = data.inputs.get(name)
    columns = given.columns if given is not None else None
    if isinstance(source, Known):
        _check_known_input(name, tensor, width, source, columns, inputs, problems)
    elif columns is None and inputs > 1:
        problems.error(
            "no-columns",
            f"which columns reach {name}? The model has {inputs} inputs",
            ("data",),
            help=f'inputs.{name} = {{ columns = ["…"] }}',
        )
    elif columns is not None and len(columns) != width:
        problems.error(
            "wrong-width",
            f"{name} is {shape_text(tensor.shape)} and takes {width} columns,"
            f" {len(columns)} are given",
            ("data", "inputs", name, "columns"),
            labels=[(place, None, "declared here")],
        )


def _check_known_input(
    name: str,
    tensor: TensorType,
    width: int,
    source: Known,
    columns: tuple[str, ...] | None,
    inputs: int,
    problems: Problems,
) -> None:
    if columns is not None:
        problems.error(
            "no-columns",
            f"the columns of {source.type_name()} have no names",
            ("data", "inputs", name, "columns"),
        )
    if inputs > 1:
        problems.error(
            "several-inputs",
            f"{source.type_name()} feeds one input, the model has {inputs}",
            ("data", "type"),
        )
    elif width != source.features():
        problems.error(
            "wrong-width",
            f"{source.type_name()} gives {source.features()} features a row, {name} takes"
            f" {width}: {shape_text(tensor.shape)}",
            ("data", "type"),
            labels=[(("model", "inputs", name), None, "declared here")],
        )


def _check_target(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    source, target = spec.source, spec.target_type
    if isinstance(source, Csv) and spec.target is None:
        problems.error(
            "missing-key", "[data] needs target: the column to predict", ("data",), part="key"
        )
    if isinstance(source, Known) and spec.target is not None:
        problems.error(
            "unknown-key",
            f"{source.type_name()} has one target, without a name",
            ("data", "target"),
            part="key",
        )
    columns = source.targets() if isinstance(source, Known) else 1
    rest = target.shape[1:]
    if product(rest) != columns:
        problems.error(
            "shape-mismatch",
            f"the loss compares the output with a target {shape_text(target.shape)}, the data has"
            f" {columns} target column{'s' * (columns != 1)} a row",
            ("loss",),
            labels=[(("data", "type"), None, "gives the target")],
        )
    if isinstance(source, Known):
        _check_classes(spec, model, source, problems)


def _check_classes(
    spec: TrainingSpec, model: ModelInterface, source: Known, problems: Problems
) -> None:
    classes = source.classes()
    _, output = model.outputs[0]
    if classes is None and spec.meaning != "value":
        problems.error(
            "wrong-target",
            f"the target of {source.type_name()} is a quantity, the loss takes classes",
            ("loss",),
            labels=[(("data", "type"), None, "gives the target")],
            help='such as type = "MSELoss"',
        )
    elif classes is not None and spec.meaning in ("probability", "logit") and classes > 2:
        problems.error(
            "wrong-target",
            f"{source.type_name()} has {classes} classes, the loss takes 0 and 1",
            ("loss",),
            labels=[(("data", "type"), None, "gives the target")],
            help='such as type = "CrossEntropyLoss"',
        )
    elif classes is not None and spec.meaning == "class logits":
        size = output.shape[1].constant
        if size is not None and size < classes:
            problems.error(
                "wrong-target",
                f"{source.type_name()} has {classes} classes, the output"
                f" {shape_text(output.shape)} has logits for {size}",
                ("loss",),
                labels=[(("data", "type"), None, "gives the target")],
            )


def _check_parts(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    split, batch = spec.split, spec.training.batch_size
    rows = spec.source.rows() if isinstance(spec.source, Known) else None
    if split is not None and rows is not None:
        _check_sizes(split, rows, problems)
    fewest = model.smallest_batch
    train_rows = None if rows is None else round(rows * spec.parts["train"])
    too_small = batch != "all" and batch < fewest
    if too_small or (train_rows is not None and train_rows < fewest):
        problems.error(
            "small-batch",
            f"{model.class_name} is trained on at least {fewest} rows at once",
            ("training", "batch_size"),
        )


def _check_sizes(split: Split, rows: int, problems: Problems) -> None:
    for name, share in split.parts().items():
        if round(rows * share) < 1:
            problems.error(
                "empty-part", f"{share:g} of {rows} rows is none", ("data", "split", name)
            )


def _check_names(spec: TrainingSpec, problems: Problems) -> None:
    """The names of metrics, pictures and of what early stopping follows."""
    training = spec.training
    for key, names in (("metrics", training.metrics), ("plots", training.plots)):
        for index, name in enumerate(names):
            path = ("training", key, index)
            if key == "metrics" and name not in METRICS:
                unknown_name(name, METRICS, "a metric", path, problems)
            elif name in names[:index]:
                problems.error("duplicate-name", f"{name} is given twice", path)
    if training.early_stopping is None:
        return
    watched = ["train_loss"]
    if "validation" in spec.parts:
        watched += ["validation_loss", *(f"validation_{name}" for name in training.metrics)]
    monitor = training.early_stopping.monitor
    if monitor not in watched:
        place = ("training", "early_stopping", "monitor")
        unknown_name(monitor, watched, "measured each epoch", place, problems)


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
