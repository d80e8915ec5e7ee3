"""The precision in which a model and its loss are computed, and the layout of its images."""

from __future__ import annotations

from collections.abc import Sequence

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan_data.data_classes import local_name
from ..training.training_spec import TrainingSpec
from .additions.addition import Statements

_DTYPES = {"bf16-mixed": "torch.bfloat16", "fp16-mixed": "torch.float16"}


def in_precision(spec: TrainingSpec, tensor: code.Expression, body: Statements) -> Statements:
    """Statements in the precision that a spec asks for. tensor: what is on the device."""
    if spec.training.precision is None:
        return body
    return quote(
        """
        with torch.autocast(TENSOR.device.type, dtype=DTYPE):
            BODY
        """,
        TENSOR=tensor,
        DTYPE=_DTYPES[spec.training.precision],
        BODY=body,
    )


def laid_out(
    spec: TrainingSpec, model: ModelInterface, values: Sequence[code.Expression]
) -> list[code.Expression]:
    """The inputs of a batch as the model takes them. values: one for each, in order."""
    if not spec.training.channels_last:
        return list(values)
    return [
        quoted("VALUE.to(memory_format=torch.channels_last)", VALUE=value)
        if tensor.rank == 4
        else value
        for value, (_, tensor) in zip(values, model.inputs, strict=True)
    ]


def batch_inputs(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Expression, ...]:
    """The inputs of a batch that is measured."""
    names: list[code.Expression] = [code.Name(local_name(name)) for name, _ in model.inputs]
    return tuple(laid_out(spec, model, names))
