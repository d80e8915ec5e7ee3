"""`prepare` -> the class `Preparation`: what is kept of the training rows for later ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Final

from ...spec.preparations.base import Preparation
from ...spec.tensor.type import TensorType
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..training.data_spec import Group
from ..training.training_spec import TrainingSpec
from .data_classes import DataFields, local_name
from .target_code import target_value


def preparation_modules(spec: TrainingSpec) -> Iterator[str]:
    """The modules of the runtime that the class needs, beside those of the table."""
    steps = [step for rows in spec.data.inputs.values() for step in rows.steps]
    if spec.data.is_images:
        return
    yield from dict.fromkeys(step.type_name() for step in steps)
    if any(step.takes == "cells" for step in steps):
        yield "categories"
    if spec.data.is_table and not spec.data.is_images:
        yield from ("features", "as_table", "chain")
    elif any(len(rows.steps) > 1 for rows in spec.data.inputs.values()):
        yield "chain"


def preparation_imports(spec: TrainingSpec) -> Iterator[code.ImportFrom]:
    """What the class needs."""
    if not spec.has_preparation:
        return
    yield code.ImportFrom("typing", ("Any",))
    if spec.data.is_images:
        yield code.ImportFrom(".table", ("Table",))
        return
    for rows in spec.data.inputs.values():
        for step in rows.steps:
            yield code.ImportFrom(f".{step.type_name()}", (type(step).__name__,))
        if spec.data.is_table:
            yield code.ImportFrom(".features", ("Features",))
            yield code.ImportFrom(".table", ("Table",))
            if any(group.columns is None for group in rows.groups):
                yield code.ImportFrom(".table", ("feature_names",))
        elif len(rows.steps) > 1:
            yield code.ImportFrom(".chain", ("Chain",))
        elif rows.steps:
            yield code.ImportFrom("dataclasses", ("asdict",))


_CLASS: Final = '''
@dataclass(frozen=True, eq=False)
class Preparation:
    """What was fitted on the training rows, and makes rows what the model takes."""

    FIELDS

    @classmethod
    def fit(cls, {rows}: Rows) -> Preparation:
        """Return the preparation for rows like those of `{rows}`."""
        return FITTED

    def __call__(self, {rows}: Rows) -> Data:
        """Return the rows of `{rows}`, prepared."""
        return APPLIED

    def state(self) -> dict[str, Any]:
        """Return what was fitted, as a file keeps it."""
        return STATES

    @classmethod
    def restore(cls, state: dict[str, Any]) -> Preparation:
        """Return the preparation of a state."""
        return RESTORED
'''


def preparation_class(
    spec: TrainingSpec, model: ModelInterface, fields: DataFields
) -> tuple[code.Statement, ...]:
    """`Preparation`; nothing where nothing is kept of the training rows."""
    if not spec.has_preparation:
        return ()
    kept = [(name, tensor) for name, tensor in model.inputs if _is_kept(name, spec)]
    names = [local_name(name) for name, _ in kept]
    kinds = [code.Name(_kind(name, spec)) for name, _ in kept]
    states = [_state(name, spec) for name, _ in kept]
    rows = "table" if spec.data.is_table else "data"
    return quote(
        _CLASS.replace("{rows}", rows),
        Rows="Table" if spec.data.is_table else "Data",
        FIELDS=tuple(map(code.Assign, map(code.Name, names), repeat(None), kinds)),
        FITTED=_called("cls", names, [_fitted(*one, spec) for one in kept]),
        APPLIED=_applied(spec, fields, names),
        STATES=code.Dict(tuple(zip(map(code.Constant, names), states, strict=True))),
        RESTORED=_called("cls", names, [_restored(name, spec) for name, _ in kept]),
    )


def _called(name: str, keys: Iterable[str], values: Iterable[code.Expression]) -> code.Call:
    return code.Call(code.Name(name), (), tuple(map(code.Keyword, keys, values)))


def _is_kept(name: str, spec: TrainingSpec) -> bool:
    return spec.data.is_table or bool(spec.data.input(name).steps)


def _kind(name: str, spec: TrainingSpec) -> str:
    """The class of what is kept for an input."""
    if spec.data.is_table:
        return "Images" if spec.data.is_images else "Features"
    steps = spec.data.input(name).steps
    return "Chain" if len(steps) > 1 else type(steps[0]).__name__


def _applied(spec: TrainingSpec, fields: DataFields, kept: Sequence[str]) -> code.Expression:
    if not spec.data.is_table:
        return code.Call(
            code.Name("Data"),
            tuple(
                quoted("self.FIELD(data.FIELD)" if name in kept else "data.FIELD", FIELD=name)
                for name in fields.all
            ),
        )
    found = {name: quoted("self.FIELD(table)", FIELD=name) for name in fields.inputs}
    if fields.target is not None:
        found["target"] = target_value(spec, fields.target)
    return _called("Data", found.keys(), found.values())


def _fitted(name: str, tensor: TensorType, spec: TrainingSpec) -> code.Expression:
    rows, local = spec.data.input(name), local_name(name)
    if spec.data.is_images:
        return code.Name("IMAGES")
    if spec.data.is_table:
        columns = code.List(tuple(_group(group, spec) for group in rows.groups))
        shape = constant(tuple(int(size) for size in tensor.shape[1:]))
        dtype = code.Name(f"torch.{tensor.dtype}")
        return quoted(
            "Features.fit(table, COLUMNS, shape=SHAPE, dtype=DTYPE)",
            COLUMNS=columns,
            SHAPE=shape,
            DTYPE=dtype,
        )
    if len(rows.steps) > 1:
        return quoted("Chain.fit(data.FIELD, STEPS)", FIELD=local, STEPS=_steps(rows.steps))
    (step,) = rows.steps
    if step.fitted:
        return quoted("KIND.fit(data.FIELD)", KIND=type(step).__name__, FIELD=local)
    return _step(step)


def _group(group: Group, spec: TrainingSpec) -> code.Expression:
    """Names of columns, with what is done to them."""
    columns: code.Expression
    if group.columns is not None:
        columns = code.List(tuple(map(code.Constant, group.columns)))
    else:
        split = spec.data.split
        others = [*spec.data.target_columns]
        others += [split.column] if split is not None and split.column is not None else []
        left_out = code.List(tuple(map(code.Constant, dict.fromkeys(others))))
        columns = quoted("feature_names(table, but=OTHERS)", OTHERS=left_out)
    return code.Tuple((columns, _steps(group.steps)))


def _steps(steps: Sequence[Preparation]) -> code.List:
    return code.List(tuple(map(_step, steps)))


def _step(step: Preparation) -> code.Expression:
    """The class of a step that is fitted; one that needs no fitting as it is."""
    kind = code.Name(type(step).__name__)
    if step.fitted:
        return kind
    return code.Call(kind, tuple(constant(value) for _, value in step))


def _state(name: str, spec: TrainingSpec) -> code.Expression:
    field = local_name(name)
    if spec.data.is_images:
        return code.Dict(())  # nothing is fitted
    is_plain = _kind(name, spec) not in ("Features", "Chain")
    return quoted("asdict(self.FIELD)" if is_plain else "self.FIELD.state()", FIELD=field)


def _restored(name: str, spec: TrainingSpec) -> code.Expression:
    if spec.data.is_images:
        return code.Name("IMAGES")
    kind = _kind(name, spec)
    state = quoted("state[NAME]", NAME=code.Constant(local_name(name)))
    if kind not in ("Features", "Chain"):
        return quoted("KIND(*STATE.values())", KIND=kind, STATE=state)
    steps = dict.fromkeys(type(step).__name__ for step in spec.data.input(name).steps)
    arguments = (state, *map(code.Name, steps))
    return code.Call(code.Name(f"{kind}.restore"), arguments)
