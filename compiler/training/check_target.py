"""The target that the data gives is the one that the losses take."""

from __future__ import annotations

from ...spec.data.base import Columns, Known
from ...spec.losses.base import Targets
from ...spec.tensor.type import product, shape_text
from ..resolve.problems import Problems
from .training_spec import TrainingSpec


def check_target(spec: TrainingSpec, problems: Problems) -> None:
    """Reports a target that is missing, that nothing reads, or that a loss can't take."""
    data, source, target = spec.data, spec.data.source, spec.target_type
    if not check_presence(spec, problems) or target is None:
        return
    if data.is_table and data.target is None:
        problems.error(
            "missing-key", "[data] needs target: the column to predict", ("data",), part="key"
        )
    if isinstance(source, Known) and data.target is not None:
        problems.error(
            "unknown-key",
            f"{source.type_name()} has one target, without a name",
            ("data", "target"),
            part="key",
        )
    columns = source.targets() if isinstance(source, Known) else len(data.target_columns)
    # An array has all numbers of a row.
    is_array = isinstance(source, Columns) and not source.one_number and columns == 1
    if columns and not is_array and product(target.shape[1:]) != columns:
        problems.error(
            "shape-mismatch",
            f"the loss compares the output with a target {shape_text(target.shape)}, the data has"
            f" {columns} target column{'s' * (columns != 1)} a row",
            ("loss",),
            labels=[(("data", "type"), None, "gives the target")],
        )
    elif spec.targets.only is not None and columns > 1:
        said = "the target is one column of classes"
        problems.error("several-targets", said, ("data", "target"))
    elif isinstance(source, Known):
        _check_known(source, spec.targets, problems)


def check_presence(spec: TrainingSpec, problems: Problems) -> bool:
    """Whether no target is there in vain, or wanted in vain; reports where one is."""
    table = problems.raw(("data",))
    written = isinstance(table, dict) and "target" in table
    gives = isinstance(spec.data.source, Known) or spec.data.is_text
    is_there = spec.data.has_target and (written or gives)
    if spec.target_type is None and is_there:
        problems.error(
            "unread-target",
            "no loss reads the target",
            ("data", "target") if written else ("data",),
            part="key",
            labels=[(("loss",), None, "reads outputs of the model alone")],
            help="target = false",
        )
        return False
    if spec.target_type is not None and not spec.data.has_target:
        problems.error(
            "missing-key",
            "a loss reads the target, and target = false says that there is none",
            ("data", "target"),
            labels=[(("loss",), None, "reads the target")],
        )
        return False
    return True


def _check_known(source: Known, targets: Targets, problems: Problems) -> None:
    """Whether all that a function of scikit-learn may give is a target."""
    classes = source.classes()
    name = source.type_name()
    said, help = None, None
    if classes is None and (targets.only or (targets.low, targets.high) != (None, None)):
        takes = "classes" if targets.only else targets.what
        said = f"the target of {name} is a quantity, the loss takes {takes}"
        help = 'such as type = "MSELoss"'
    elif classes is not None and not all(map(targets.hold, range(classes))):
        said = f"{name} has {classes} classes, 0 to {classes - 1}; the loss takes {targets.what}"
        help = targets.help
        if classes > 2 and not isinstance(targets.only, range):
            help = 'such as type = "CrossEntropyLoss"'
    if said is not None:
        problems.error(
            "wrong-target",
            said,
            ("loss",),
            labels=[(("data", "type"), None, "gives the target")],
            help=help,
        )
