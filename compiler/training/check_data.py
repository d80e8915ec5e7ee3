"""Source, inputs, target and split fit the model and its loss."""

from __future__ import annotations

from ...spec.data.base import Columns, Known
from ...spec.data.random import Random
from ...spec.data.split import Split
from ...spec.source import Path
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType, product, shape_text
from ..elaborate.interface import ModelInterface
from ..elaborate.typed import TypedGraph
from ..resolve.problems import Problems
from .check_target import check_presence, check_target
from .data_spec import InputRows
from .read_table import unknown_name
from .training_spec import TrainingSpec


def check_data(
    spec: TrainingSpec, model: ModelInterface, typed: TypedGraph, problems: Problems
) -> None:
    """Reports rows that would not reach the model, its loss or the parts of a split."""
    _check_inputs(spec, model, problems)
    if spec.data.is_text:
        from .check_text import check_text

        check_text(spec, model, typed, problems)
        check_presence(spec, problems)
        return
    if spec.data.is_images:
        from .check_images import check_images

        check_images(spec, model, problems)
    _check_load(spec, problems)
    if spec.data.window is not None:
        said = "window is for texts: windows over a table's rows are not in this version"
        problems.error("conflict", said, ("data", "window"), part="key")
    if spec.data.source.type_name() == "lists":
        from .check_lists import check_lists

        check_lists(spec, model, problems)
    elif isinstance(spec.data.source, Random):
        from .read_random import check_random

        if check_presence(spec, problems):
            batch = spec.training.batch_size
            target, numbers = spec.target_type, spec.targets
            check_random(spec.data.source, model, target, numbers, batch, problems)
        _check_drawn(spec, problems)
    else:
        check_target(spec, problems)
    _check_parts(spec, model, problems)


def _check_inputs(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    names = [name for name, _ in model.inputs]
    for name in spec.data.inputs:
        if name not in names:
            place = ("data", "inputs", name)
            unknown_name(name, names, "an input", place, problems, part="key")
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
        _check_augment(name, tensor, spec, problems)
    is_table = not (spec.data.is_text or spec.data.is_images)
    for name, tensor in model.inputs if is_table else ():
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


def _check_augment(name: str, tensor: TensorType, spec: TrainingSpec, problems: Problems) -> None:
    """Whether what is done by chance is done to images, once for each step."""
    path: Path = ("data", "inputs", name, "augment")
    said = None
    if not spec.data.input(name).augment:
        return
    if tensor.rank != 4 or not is_floating_point(tensor.dtype):
        said = f"{name} is {tensor}: images are (batch, channels, height, width) fractions"
    elif spec.optimizer.takes_closure:
        said = f"{type(spec.optimizer).__name__} asks for a step's loss again and again: it changes"
    if said is not None:
        problems.error("wrong-augmentation", said, path, part="key")


def _check_drawn(spec: TrainingSpec, problems: Problems) -> None:
    """What is said of rows that are there, and can't be said of those that are drawn."""
    for key in ("split", "folds"):
        if problems.raw(("data", key)) is not None:
            said = f"rows that are drawn afresh have no {key}: none of them is seen twice"
            problems.error("wrong-split", said, ("data", key), part="key")
    for name, rows in spec.data.inputs.items():
        if rows.steps:
            said = "rows that are drawn are what the model takes: the expression prepares them"
            place: Path = ("data", "inputs", name, "prepare")
            problems.error("wrong-preparation", said, place, part="key")


def _check_load(spec: TrainingSpec, problems: Problems) -> None:
    """Whether rows can be read while training."""
    said = None
    if spec.data.load == "stream" and not spec.data.is_table:
        said = f"{spec.data.source.type_name()} is in memory already"
    elif spec.data.streams and spec.full_batch:
        said = 'a stream is read in batches: batch_size is a number, not "all"'
    elif spec.data.streams and spec.draws("probabilities", "confusion_matrix", "predictions"):
        said = "pictures of what the model answers need all rows in memory"
    if said is not None:
        written = problems.raw(("data", "load"))
        help = None if written is not None else 'load = "memory"'
        place = ("data", "load") if written is not None else ("data", "type")
        problems.error("wrong-load", said, place, help=help)


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
    source, rows = spec.data.source, spec.data.input(name)
    before = len(problems.found)
    _check_steps(name, tensor, rows, spec, problems)
    if len(problems.found) > before:
        return
    if rows.columns is not None and not isinstance(source, Columns):
        problems.error(
            "no-columns",
            f"{source.type_name()} has no columns with names",
            ("data", "inputs", name, "columns"),
        )
    elif isinstance(source, Known):
        _check_known_input(name, tensor, source, inputs, problems)
    elif isinstance(source, Columns):
        _check_columns(name, tensor, rows, source, inputs, problems)


def _check_steps(
    name: str, tensor: TensorType, rows: InputRows, spec: TrainingSpec, problems: Problems
) -> None:
    """Steps that an input's dtype, its source or their order keeps out."""
    for group in rows.groups:
        column = group.columns[0] if group.columns else ""
        for index, step in enumerate(group.steps):
            path: Path = ("data", "inputs", name, "prepare")
            if isinstance(problems.raw(path), dict):
                path = (*path, column)
            said = None
            if step.takes == "images":
                said = "is for images in files"
            elif step.takes == "cells" and not spec.data.is_table:
                said = f"takes the cells of a table, {spec.data.source.type_name()} has numbers"
            elif index and (step.fills or step.takes == "cells"):
                said = "comes first: what is before it takes no empty cells, nor texts"
            elif index and group.steps[index - 1].takes == "cells":
                said = f"takes quantities, {group.steps[index - 1].type_name()} gives categories"
            if said is not None:
                problems.error("wrong-preparation", f"{step.type_name()} {said}", (*path, index))
            else:
                _check_dtype(name, tensor, step.type_name(), step.gives, (*path, index), problems)


def _check_dtype(
    name: str, tensor: TensorType, step: str, gives: str, path: Path, problems: Problems
) -> None:
    is_float = is_floating_point(tensor.dtype)
    if (gives == "fractions" and not is_float) or (gives == "whole numbers" and is_float):
        problems.error(
            "dtype-mismatch",
            f"{step} gives {gives}, {name} takes {tensor.dtype}",
            path,
            labels=[(("model", "inputs", name), None, "declared here")],
        )


def _check_columns(
    name: str,
    tensor: TensorType,
    rows: InputRows,
    source: Columns,
    inputs: int,
    problems: Problems,
) -> None:
    columns = rows.columns
    if columns is None and inputs > 1:
        problems.error(
            "no-columns",
            f"which columns reach {name}? The model has {inputs} inputs",
            ("data",),
            help=f'inputs.{name} = {{ columns = ["…"] }}',
        )
    elif columns is not None and source.one_number:
        width = int(product(tensor.shape[1:]))
        # A column of categories may become several.
        grows = any(step.type_name() == "one_hot" for step in rows.steps)
        if len(columns) != width and not (grows and len(columns) < width):
            problems.error(
                "wrong-width",
                f"{name} is {shape_text(tensor.shape)} and takes {width} columns,"
                f" {len(columns)} are given",
                ("data", "inputs", name, "columns"),
                labels=[(("model", "inputs", name), None, "declared here")],
            )


def _check_known_input(
    name: str, tensor: TensorType, source: Known, inputs: int, problems: Problems
) -> None:
    width = int(product(tensor.shape[1:]))
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
    data, batch = spec.data, spec.training.batch_size
    rows = data.source.rows()
    if data.split is not None:
        _check_split(data.split, spec, problems)
    if rows is not None and data.is_split:
        _check_sizes(spec, rows, problems)
    fewest = model.smallest_batch
    share = data.share("train")
    too_small = batch != "all" and batch < fewest
    if too_small or (rows is not None and share is not None and round(rows * share) < fewest):
        problems.error(
            "small-batch",
            f"{model.class_name} is trained on at least {fewest} rows at once",
            ("training", "batch_size"),
        )


def _check_split(split: Split, spec: TrainingSpec, problems: Problems) -> None:
    """Whether the source has what the rows are told apart by."""
    name = spec.data.source.type_name()
    path: Path = ("data", "split")
    if spec.data.is_table:
        is_url = isinstance(spec.data.source, Columns) and spec.data.source.place == "url"
        if split.kind == "files" and is_url:
            problems.error("wrong-split", f"{name} reads no files: split it by shares", path)
        elif split.kind == "files" and problems.raw(("data", "path")) is not None:
            said = "the parts have files of their own: there is no path beside them"
            problems.error("conflict", said, ("data", "path"), labels=[(path, None, "the files")])
    elif split.column is not None:
        problems.error("no-columns", f"{name} has no columns with names", (*path, "column"))
    elif split.kind == "files":
        problems.error("wrong-split", f"{name} reads no files: split it by shares", path)


def _check_sizes(spec: TrainingSpec, rows: int, problems: Problems) -> None:
    if spec.data.folds is not None and spec.data.folds > rows:
        said = f"{rows} rows have no {spec.data.folds} parts"
        problems.error("empty-part", said, ("data", "folds"))
        return
    for name in spec.data.parts if spec.data.folds is None else ():
        share = spec.data.share(name)
        if share is not None and round(rows * share) < 1:
            problems.error(
                "empty-part", f"{share:g} of {rows} rows is none", ("data", "split", name)
            )
