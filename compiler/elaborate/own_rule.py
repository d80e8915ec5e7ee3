"""What a layer from a file of one's own gives: what its entry declares, at each call anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...spec.own_layer import OwnLayer, Rule
from ...spec.refusal import Refusal
from ...spec.tensor.check import need_at_least, need_equal
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DEFAULT, DTYPES, DType
from ...spec.tensor.type import TensorType, shape_text
from ..resolve.bound import Size
from ..resolve.graph import DeclaredShape, OwnClass
from ..resolve.problems import Problems
from . import numbers
from .declare import unknown_dtype
from .describe import describe
from .evaluate import Evaluator, Unknown
from .read_argument import read_all
from .typed import Known


def own_rule(
    own: OwnClass, layer: OwnLayer, dtype: DType | None, evaluator: Evaluator, problems: Problems
) -> Rule:
    """The rule of one layer. dtype: the model's own element type, if it has one."""
    arguments = dict(layer)
    # Of a repeat, the rule keeps the time at which the layer is made.
    environment = replace(evaluator.environment)
    outer = {**arguments, **environment.sizes}

    def rule(inputs: Mapping[str, Known]) -> tuple[TensorType, ...]:
        bound = _bound(own, inputs)
        inner = Evaluator(replace(environment, sizes={**outer, **bound}))
        for name, shape in own.inputs.items():
            value = inputs.get(name)
            if isinstance(value, TensorType):
                _check_input(name, value, _type(shape, value.dtype, inner, problems), shape)
        return tuple(_type(shape, dtype or DEFAULT, inner, problems) for shape in own.outputs)

    return rule


def _bound(own: OwnClass, inputs: Mapping[str, Known]) -> dict[str, Dim]:
    """The sizes that the inputs' shapes bind. Raises `Refusal` for what has no such shape."""
    bound: dict[str, Dim] = {}
    for name, shape in own.inputs.items():
        value = inputs.get(name)
        if value is None:
            continue
        if not isinstance(value, TensorType) or value.rank != len(shape.sizes):
            seen = shape_text(value.shape) if isinstance(value, TensorType) else describe(value)
            said = f"{name} is declared with {len(shape.sizes)} dimensions, seen is {seen}"
            raise Refusal(said, code="shape-mismatch", argument=name)
        for argument, size in zip(shape.sizes, value.shape, strict=True):
            if isinstance(argument.value, Size) and argument.value.name in own.sizes:
                bound.setdefault(argument.value.name, size)
    return bound


def _check_input(name: str, value: TensorType, declared: TensorType, shape: DeclaredShape) -> None:
    """Raises `Refusal` where an input is not as it is declared."""
    if shape.dtype is not None and value.dtype != declared.dtype:
        said = f"{name} is declared as {declared.dtype}, seen is {value.dtype}"
        raise Refusal(said, code="dtype-mismatch", argument=name)
    for dim, (size, wanted) in enumerate(zip(value.shape, declared.shape, strict=True)):
        need_equal(size, wanted, f"another size {dim} of {name} is declared", argument=name)


def _type(
    shape: DeclaredShape, dtype: DType, evaluator: Evaluator, problems: Problems
) -> TensorType:
    """A declared type. Raises `Unknown` after reporting what is wrong with it."""
    if shape.dtype is not None and shape.dtype not in DTYPES:
        unknown_dtype(shape.dtype, (*shape.path, "dtype"), problems)
        raise Unknown
    values = read_all(dict(enumerate(shape.sizes)), evaluator, problems)
    sizes = []
    for place, value in values.items():
        try:
            sizes.append(_size(value))
        except Refusal as refusal:
            problems.error(
                refusal.code, refusal.message, shape.sizes[place].path, help=refusal.help
            )
            raise Unknown from None
    return TensorType(tuple(sizes), shape.dtype or dtype)


def _size(value: Known) -> Dim:
    """A size that is at least 0, for all sizes or from some on. Raises `Refusal`."""
    size = Dim.of(value) if numbers.is_integer(value) else None
    if size is None or (size.constant is not None and size.constant < 0):
        raise Refusal(f"a size is a whole number of at least 0, this is {describe(value)}")
    need_at_least(size, 0, "a size is at least 0")
    return size
