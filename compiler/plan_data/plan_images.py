"""Images -> the constant of `data.py` that says how files become tensors; `augment`."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.preparations.images import Normalize
from ..elaborate.interface import ModelInterface
from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..training.training_spec import TrainingSpec
from .data_classes import local_name


def image_imports(spec: TrainingSpec, model: ModelInterface) -> Iterator[code.ImportFrom]:
    """What the constant needs."""
    if spec.data.is_images:
        yield code.ImportFrom(".images", ("Images",))
        for step in spec.data.input(model.inputs[0][0]).steps:
            yield code.ImportFrom(".images", (type(step).__name__,))


def image_constant(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """How files become what the model takes."""
    if not spec.data.is_images:
        return ()
    ((name, tensor),) = model.inputs
    made = [
        code.Call(code.Name(type(step).__name__), tuple(constant(value) for _, value in step))
        for step in spec.data.input(name).steps
    ]
    last = spec.data.input(name).steps[-1:]
    normalize = made.pop() if isinstance(next(iter(last), None), Normalize) else code.Constant(None)
    return quote(
        "IMAGES = Images(STEPS, normalize=NORMALIZE, shape=SHAPE)",
        STEPS=code.List(tuple(made)),
        NORMALIZE=normalize,
        SHAPE=constant(tuple(int(size) for size in tensor.shape[1:])),
    )


def augmented(
    spec: TrainingSpec, model: ModelInterface, field: str = "FIELD"
) -> list[code.Expression]:
    """The inputs of a batch, changed by chance where a spec says so.

    field: how a field of the rows is called.
    """
    found: list[code.Expression] = []
    for name, _ in model.inputs:
        local = local_name(name)
        value = quoted(field, FIELD=local)
        if spec.data.input(name).augment:
            value = code.Call(code.Name(f"augment_{local}"), (value,))
        found.append(value)
    return found


def augment_imports(spec: TrainingSpec) -> Iterator[code.ImportFrom]:
    """What changes images by chance."""
    for rows in spec.data.inputs.values():
        for step in rows.augment:
            yield code.ImportFrom(".augment", (step.type_name(),))


def augment_functions(spec: TrainingSpec, model: ModelInterface) -> tuple[code.Statement, ...]:
    """A function for each input that is changed by chance in training."""
    found: tuple[code.Statement, ...] = ()
    for name, _ in model.inputs:
        steps = spec.data.input(name).augment
        if not steps:
            continue
        local = local_name(name)
        changes: tuple[code.Statement, ...] = ()
        for step in steps:
            given = tuple(code.Keyword(key, constant(value)) for key, value in step.given().items())
            call = code.Call(code.Name(step.type_name()), (code.Name(local),), given)
            changes += (code.Assign(code.Name(local), call),)
        last = changes[-1]
        assert isinstance(last, code.Assign)
        found += quote(
            '''
            def augment(FIELD: Tensor) -> Tensor:
                """Return images changed by chance, each in its own way."""
                CHANGES
                return LAST
            ''',
            augment=f"augment_{local}",
            FIELD=local,
            CHANGES=changes[:-1],
            LAST=last.value or code.Name(local),
        )
    return found
