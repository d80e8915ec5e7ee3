"""Lists in `[data]` fit the inputs of the model and the target of its loss."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from ...spec.data.lists import Array, Lists
from ...spec.losses.base import ANYTHING, Targets
from ...spec.source import Path
from ...spec.tensor.dtype import category, itemsize
from ...spec.tensor.type import TensorType, shape_text
from ..elaborate.interface import ModelInterface
from ..resolve.problems import Problems
from .check_target import check_presence
from .read_data import OWN
from .read_table import unknown_name
from .training_spec import TrainingSpec


def check_lists(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Reports lists that are missing, mean nothing, or are not what is taken."""
    assert isinstance(spec.data.source, Lists)
    arrays = spec.data.source.arrays
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
    if not check_presence(spec, problems):
        return
    if spec.target_type is not None:
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
            _check_array(name, array, tensor, spec, problems)
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
        targets = spec.targets if name == "target" else ANYTHING
        _check_numbers(name, array, tensor, targets, problems)


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
    name: str, array: Array, tensor: TensorType, targets: Targets, problems: Problems
) -> None:
    """Whole numbers within the bounds of their dtype, and targets that there are."""
    low, high = -inf, inf
    if category(tensor.dtype) == "integer":
        bits = 8 * itemsize(tensor.dtype)
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        if tensor.dtype == "uint8":
            low, high = 0, 2**bits - 1
    for index, number in array.numbers():
        fits = low <= number <= high
        if not (fits and targets.hold(number)):
            what = f"{tensor.dtype}, {low} to {high}" if not fits else targets.what
            help = targets.help if fits else None
            said = f"{number} is not {what}"
            problems.error("invalid-value", said, ("data", name, *index), help=help)
            return
