"""The batches of an epoch: rows in a new order, in groups where several batches make a step."""

from __future__ import annotations

from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quoted
from ..plan_data.data_classes import data_fields
from ..training.training_spec import TrainingSpec


def batch_type(spec: TrainingSpec, model: ModelInterface) -> code.Expression:
    """The type of what a step is made on."""
    batch = f"tuple[{', '.join(['Tensor'] * len(data_fields(spec, model).all))}]"
    return quoted(f"list[{batch}]" if spec.accumulates else batch)


def shuffled_rows(spec: TrainingSpec, smallest: int, rows: str = "data") -> code.Expression:
    """The rows in a new order. rows: the variable that has them."""
    if spec.is_drawn:
        return code.Name(rows)
    generator = ["generator"] if spec.orders else []
    size = ["batch_size"] if smallest > 1 else []
    if not spec.data.streams:
        return code.Call(code.Name(f"{rows}.shuffled"), tuple(map(code.Name, generator + size)))
    keywords: tuple[code.Keyword, ...] = ()
    if size:
        fewest = code.Keyword("fewest", code.Constant(smallest))
        keywords = (code.Keyword("size", code.Name("batch_size")), fewest)
    return code.Call(code.Name(f"{rows}.shuffled"), tuple(map(code.Name, generator)), keywords)


def grouped(spec: TrainingSpec, batches: code.Expression) -> code.Expression:
    """The batches of an epoch, in groups where several make a step."""
    return quoted("grouped(BATCHES, ACCUMULATE)", BATCHES=batches) if spec.accumulates else batches
