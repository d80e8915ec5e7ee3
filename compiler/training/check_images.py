"""Images in files fit the model."""

from __future__ import annotations

from ...spec.preparations.images import Normalize, Resize
from ...spec.source import Path
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface
from ..resolve.problems import Problems
from .data_spec import InputRows
from .training_spec import TrainingSpec

_CHANNELS = (1, 3, 4)


def check_images(spec: TrainingSpec, model: ModelInterface, problems: Problems) -> None:
    """Reports a model that takes no images, or steps that don't lead to their size."""
    if len(model.inputs) > 1:
        said = f"images feed one input, the model has {len(model.inputs)}"
        problems.error("several-inputs", said, ("data", "type"))
        return
    ((name, tensor),) = model.inputs
    path: Path = ("data", "inputs", name)
    sizes = [size.constant for size in tensor.shape[1:]]
    if tensor.dtype != "float32" or len(sizes) != 3 or None in sizes or sizes[0] not in _CHANNELS:
        said = f"{name} is {tensor}: images are (batch, channels, height, width) float32"
        help = "with 1, 3 or 4 channels, and a height and width that are numbers"
        problems.error("shape-mismatch", said, ("model", "inputs", name), help=help)
        return
    rows = spec.data.input(name)
    if rows.columns is not None:
        problems.error("no-columns", "images have no columns", (*path, "columns"))
    if len(rows.groups) != 1 or isinstance(problems.raw((*path, "prepare")), dict):
        return
    _check_steps(name, tensor, rows, (*path, "prepare"), problems)


def _check_steps(
    name: str, tensor: TensorType, rows: InputRows, path: Path, problems: Problems
) -> None:
    channels, *expected = (int(size) for size in tensor.shape[1:])
    known: list[int] | None = None
    steps = rows.steps
    for index, step in enumerate(steps):
        place = (*path, index)
        said = None
        if step.takes != "images":
            said = f"{step.type_name()} is for columns, not for images"
        elif isinstance(step, Normalize):
            if step is not steps[-1]:
                said = "normalize comes last: it takes numbers, what follows takes pixels"
            elif len(step.mean) != channels or len(step.std) != channels:
                said = f"mean and std have a number for each of {channels} channels"
        else:
            size = step.size  # type: ignore[attr-defined]
            is_side = isinstance(step, Resize) and isinstance(size, int)
            known = None if is_side else list((size, size) if isinstance(size, int) else size)
        if said is not None:
            problems.error("wrong-preparation", said, place)
    if known is not None and known != expected:
        said = f"images are {known[0]} x {known[1]} at the end, {name} takes"
        said += f" {expected[0]} x {expected[1]}"
        labels: list[tuple[Path, None, str]] = [(("model", "inputs", name), None, "declared here")]
        problems.error("shape-mismatch", said, path, labels=labels)
