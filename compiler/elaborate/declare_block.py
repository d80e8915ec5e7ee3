"""The inputs of a block as one of its uses gives them: sizes named, declarations checked."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.refusal import Refusal
from ...spec.tensor.check import need_equal
from ...spec.tensor.dim import Dim, Symbol
from ...spec.tensor.type import TensorType, shape_text
from ..resolve.bound import Param, Size
from ..resolve.graph import Argument, InputDeclaration, Node, Scope
from ..resolve.problems import Problems
from . import numbers
from .declare import as_declared
from .describe import describe
from .evaluate import Evaluator, Unknown
from .read_argument import read_argument
from .typed import Known, OptionalType, where_given


def bind_block_inputs(
    scope: Scope,
    inputs: Mapping[str, Known],
    sizes: dict[str, Dim],
    problems: Problems,
    node: Node,
) -> dict[str, Known] | None:
    """A block's inputs with their sizes named in its own words; declared shapes are checked.

    Fills `sizes` with the sizes that the declarations bind.
    """
    named: dict[str, Known] = {}
    for item in scope.inputs:
        tensor = where_given(inputs[item.name])
        if not isinstance(tensor, TensorType):
            if item.shape is not None and not (tensor is None and item.optional):
                problems.error(
                    "wrong-type",
                    f"{scope.name} declares {item.name} as a tensor, this is {describe(tensor)}",
                    node.path,
                    labels=[(item.path, None, "declared here")],
                )
                return None
            named[item.name] = tensor
            continue
        shape = _local_shape(item, tensor, sizes)
        if shape is None:
            problems.error(
                "shape-mismatch",
                f"{scope.name} declares {item.name} with {len(item.shape or ())} dimensions,"
                f" seen is {shape_text(tensor.shape)}",
                node.path,
                labels=[(item.path, None, "declared here")],
            )
            return None
        named[item.name] = _like(inputs[item.name], item, TensorType(shape, tensor.dtype))
    return named


def _like(value: Known, item: InputDeclaration, tensor: TensorType) -> Known:
    """The type within the block, which may be None where that of the caller may."""
    return as_declared(item, tensor) if isinstance(value, OptionalType) else tensor


def _local_shape(
    item: InputDeclaration, tensor: TensorType, sizes: dict[str, Dim]
) -> tuple[Dim, ...] | None:
    """The shape with each size's formula in the block's words: a bound name, or its place.

    The sizes of what may be left out have no words: its layers are made in any case.
    """
    if item.optional:
        tensor = TensorType(tuple(size.with_origin(None) for size in tensor.shape), tensor.dtype)
    if item.shape is None and item.optional:
        return tensor.shape
    if item.shape is None:
        return tuple(
            size.with_origin(Dim.of(Symbol(f"{item.name}.shape[{dim}]")))
            for dim, size in enumerate(tensor.shape)
        )
    if len(item.shape) != tensor.rank:
        return None
    shape = []
    for argument, size in zip(item.shape, tensor.shape, strict=True):
        if isinstance(argument.value, Size) and argument.value.name not in sizes:
            origin = None if item.optional else Dim.of(Symbol(argument.value.name))
            sizes[argument.value.name] = size.with_origin(origin)
            shape.append(sizes[argument.value.name])
        else:
            shape.append(size)
    return tuple(shape)


def check_declared(
    scope: Scope,
    inputs: dict[str, Known],
    evaluator: Evaluator,
    problems: Problems,
    node: Node,
) -> bool:
    """Checks the sizes of a block's inputs against their declarations; a size that a param
    declares takes the param as its formula."""
    for item in scope.inputs:
        tensor = where_given(inputs[item.name])
        if item.shape is None or not isinstance(tensor, TensorType):
            continue
        shape = []
        for dim, (argument, size) in enumerate(zip(item.shape, tensor.shape, strict=True)):
            declared = _declared_size(item, dim, argument, size, evaluator, problems, node)
            if declared is None:
                return False
            shape.append(declared)
        local = TensorType(tuple(shape), tensor.dtype)
        inputs[item.name] = _like(inputs[item.name], item, local)
    return True


def _declared_size(
    item: InputDeclaration,
    dim: int,
    argument: Argument,
    size: Dim,
    evaluator: Evaluator,
    problems: Problems,
    node: Node,
) -> Dim | None:
    try:
        value = read_argument(argument, evaluator, problems)
    except Unknown:
        return None
    if not numbers.is_integer(value):
        problems.error(
            "wrong-type",
            f"a size is a whole number, this is {describe(value)}",
            argument.path,
            help=_meant(argument),
        )
        return None
    declared = Dim.of(value)
    try:
        need_equal(size, declared, f"the block declares another size {dim} of {item.name}")
    except Refusal as refusal:
        problems.error(
            refusal.code,
            refusal.message,
            node.path,
            labels=[(argument.path, None, "declared here")],
            help=_meant(argument),
        )
        return None
    return declared if declared.origin is not None else size


def _meant(argument: Argument) -> str | None:
    """What the name of a size stands for, where it is a param of the model's."""
    match argument.value:
        case Param(name, "model"):
            return f"{name} is a param of the model: a size of its own needs another name"
    return None
