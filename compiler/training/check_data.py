"""Source, inputs, target and split fit the model and its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.data.base import Known
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType, product, shape_text
from ..elaborate.interface import ModelInterface
from ..resolve.problems import Problems
from .check_target import check_target
from .read_table import unknown_name
from .training_spec import TrainingSpec

if TYPE_CHECKING:
    from ...spec.data.split import Split


def check_data(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Reports rows that would not reach the model, its loss or the parts of a split."""
    _check_inputs(spec, model, problems)
    if spec.source.type_name() == "lists":
        from .check_lists import check_lists

        check_lists(spec, model, problems)
    else:
        check_target(spec, problems)
    _check_parts(spec, model, problems)


def _check_inputs(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    names = [name for name, _ in model.inputs]
    for name in spec.inputs:
        if name not in names:
            place = ("data", "inputs", name)
            unknown_name(name, names, "an input", place, problems, part="key")
        elif len(spec.inputs[name].prepare) > 1:
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
    else:
        _check_outputs(next(iter(batches)), model, problems)
    for name, tensor in model.inputs:
        _check_input(name, tensor, spec, len(names), problems)


def _check_outputs(batch: Dim, model: ModelInterface, problems: Problems) -> None:
    """What a model gives for many rows is put together along the first dimension."""
    for name, tensor in model.outputs:
        if not tensor.rank or tensor.shape[0] != batch:
            problems.error(
                "no-batch",
                f"{name or 'the output'} is {shape_text(tensor.shape)}: training takes outputs"
                f" with something for each row, {batch} in front",
                ("model", "outputs") if name else ("model",),
                part="key",
                help="a loss may transpose it: inputs of [loss] are expressions",
            )


def _check_input(
    name: str, tensor: TensorType, spec: TrainingSpec, inputs: int, problems: Problems
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
    given = spec.inputs.get(name)
    columns = given.columns if given is not None else None
    if given is not None and given.prepare and not is_floating_point(tensor.dtype):
        problems.error(
            "dtype-mismatch",
            f"{given.prepare[0]} gives fractions, {name} takes {tensor.dtype}",
            ("data", "inputs", name, "prepare", 0),
            labels=[(place, None, "declared here")],
        )
    if columns is not None and not spec.has_columns:
        problems.error(
            "no-columns",
            f"{spec.source.type_name()} has no columns with names",
            ("data", "inputs", name, "columns"),
        )
    elif isinstance(spec.source, Known):
        _check_known_input(name, tensor, width, spec.source, inputs, problems)
    elif spec.has_columns:
        _check_columns(name, tensor, width, columns, inputs, problems)


def _check_columns(
    name: str,
    tensor: TensorType,
    width: int,
    columns: tuple[str, ...] | None,
    inputs: int,
    problems: Problems,
) -> None:
    if columns is None and inputs > 1:
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
            labels=[(("model", "inputs", name), None, "declared here")],
        )


def _check_known_input(
    name: str,
    tensor: TensorType,
    width: int,
    source: Known,
    inputs: int,
    problems: Problems,
) -> None:
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
    elif not is_floating_point(tensor.dtype):
        problems.error(
            "dtype-mismatch",
            f"the features of {source.type_name()} are fractions, {name} takes {tensor.dtype}",
            ("data", "type"),
            labels=[(("model", "inputs", name), None, "declared here")],
        )


def _check_parts(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    split, batch = spec.split, spec.training.batch_size
    rows = spec.source.rows()
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
