"""The target of rows in a table, as code."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.losses.base import Targets
from ...spec.tensor.type import TensorType
from ..emit import code
from ..plan.values import constant
from ..training.training_spec import TrainingSpec


def target_reader(spec: TrainingSpec) -> str | None:
    """The function that reads the target of a table, if there is one."""
    if not spec.data.is_table or spec.target_type is None:
        return None
    if spec.targets.only is not None:
        return "labels"
    return "bounded" if (spec.targets.low, spec.targets.high) != (None, None) else "numbers"


def target_imports(spec: TrainingSpec) -> Iterator[code.ImportFrom]:
    """What reads the target."""
    reader = target_reader(spec)
    if reader is not None:
        module = ".table" if reader == "numbers" else ".target_column"
        yield code.ImportFrom(module, (reader,))


def target_value(spec: TrainingSpec, target: TensorType) -> code.Expression:
    """What reads the target of all rows of `table`."""
    reader, names = target_reader(spec), spec.data.target_columns
    listed: code.Expression = code.List(tuple(map(code.Constant, names)))
    if reader == "labels":
        listed = code.Constant(names[0])
    arguments = [code.Name("table"), listed]
    if reader == "labels":
        arguments.append(_allowed(spec.targets))
    arguments.append(code.Name(f"torch.{target.dtype}"))
    keywords = [code.Keyword("shape", constant(tuple(int(size) for size in target.shape[1:])))]
    bounds = {"low": spec.targets.low, "high": spec.targets.high}
    if reader == "bounded":
        keywords += [code.Keyword(k, constant(v)) for k, v in bounds.items() if v is not None]
    if reader == "labels" and target.rank == 1:
        keywords = []
    return code.Call(code.Name(str(reader)), tuple(arguments), tuple(keywords))


def _allowed(targets: Targets) -> code.Expression:
    """The numbers of the classes."""
    only = targets.only
    if not isinstance(only, range):
        return constant(only)
    bounds = (only.start, only.stop) if only.start else (only.stop,)
    numbers = code.Call(code.Name("range"), tuple(map(constant, bounds)))
    if not targets.also:
        return numbers
    return code.Tuple((*map(constant, targets.also), code.Starred(numbers)))
