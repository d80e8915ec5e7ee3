"""Lists in `[data]` fit the inputs of the model and the target of its loss."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.data.lists import Array, Lists
from ...spec.source import Path
from ...spec.tensor.dtype import category, itemsize
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.interface import ModelInterface
from ..resolve.problems import Problems
from .read_data import OWN
from .read_table import unknown_name
from .training_spec import TrainingSpec


def check_lists(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Reports lists that are missing, mean nothing, or are not what is taken."""
    assert isinstance(spec.source, Lists)
    arrays = spec.source.arrays
    needed = dict(model.inputs)
    for name in needed:
        if name in OWN:
            problems.error(
                "name-clash",
                f"{name} is a key of [data], which keeps the lists of an input {name} out",
                ("model", "inputs", name),
                part="key",
                help="call the input something else",
            )
            return
    needed["target"] = spec.target_type
    for name in arrays:
        if name not in needed:
            unknown_name(
                name, needed, "an input or the target", ("data", name), problems, part="key"
            )
    # A misspelt name has been reported as such: it is not missing besides.
    is_lost = any(name not in needed for name in arrays)
    for name, tensor in needed.items():
        array = arrays.get(name)
        if array is not None:
            _check_array(name, array, tensor, spec, model, problems)
        elif not is_lost:
            what = "the target" if name == "target" else f"the input {name}"
            problems.error(
                "missing-key",
                f"[data] needs {name}: a list with an item a row, for {what} {tensor}",
                ("data",),
                part="key",
            )
    _check_rows(arrays, problems)


def _check_rows(arrays: Mapping[str, Array], problems: Problems) -> None:
    first, *others = arrays
    for name in others:
        seen, expected = arrays[name].shape[0], arrays[first].shape[0]
        if seen != expected:
            problems.error(
                "shape-mismatch",
                f"{name} has {seen} rows, {first} has {expected}",
                ("data", name),
                labels=[(("data", first), None, f"{expected} rows")],
            )


def _check_array(
    name: str,
    array: Array,
    tensor: TensorType,
    spec: TrainingSpec,
    model: ModelInterface,
    problems: Problems,
) -> None:
    place: Path = ("data", name)
    declared = ("loss",) if name == "target" else ("model", "inputs", name)
    labels = [(declared, None, f"takes {tensor}")]
    if any(size.constant is None for size in tensor.shape[1:]):
        return  # A size that varies has been reported.
    row = tuple(int(size) for size in tensor.shape[1:])
    # A list of numbers stands for a column of them.
    fits = array.shape[1:] == row or (row == (1,) and len(array.shape) == 1)
    if not fits:
        problems.error(
            "shape-mismatch",
            f"{name} takes rows of shape {shape_text(row)},"
            f" these are {shape_text(array.shape[1:])}",
            place,
            labels=labels,
        )
    elif not _holds(array, tensor):
        problems.error(
            "dtype-mismatch",
            f"{name} is {tensor.dtype}, the list holds {_WORDS[array.holds]}",
            place,
            labels=labels,
        )
    else:
        _check_numbers(name, array, tensor, spec, model, problems)


_WORDS = {"bool": "true and false", "integer": "whole numbers", "float": "fractions"}


def _holds(array: Array, tensor: TensorType) -> bool:
    """Whether a tensor's dtype has the list's numbers as they are."""
    taken = {
        "bool": ("bool",),
        "integer": ("integer",),
        "float": ("integer", "float"),
        "complex": ("integer", "float"),
    }
    return array.holds in taken[category(tensor.dtype)]


def _check_numbers(
    name: str,
    array: Array,
    tensor: TensorType,
    spec: TrainingSpec,
    model: ModelInterface,
    problems: Problems,
) -> None:
    """Whole numbers within the bounds of their dtype, and classes that there are."""
    if category(tensor.dtype) != "integer":
        return
    bits = 8 * itemsize(tensor.dtype)
    low, high = (0, 2**bits) if tensor.dtype == "uint8" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    what: str = tensor.dtype
    ignored: set[object] = set()
    classes = model.outputs[0][1].shape[1].constant if spec.meaning == "class logits" else None
    if name == "target" and classes is not None:
        low, high, what = 0, classes, f"the number of one of {classes} classes"
        ignored = set(spec.ignored)
    for index, number in array.numbers():
        if not low <= number < high and number not in ignored:
            problems.error(
                "invalid-value",
                f"{number} is not {what}, {low} to {high - 1}",
                ("data", name, *index),
            )
            return
