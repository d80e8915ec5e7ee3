"""The type of a Parameter or Buffer that a spec declares."""

from __future__ import annotations

from ...spec.layers.base import StateEntry
from ...spec.tensor.dim import Dim
from ...spec.tensor.dtype import DEFAULT, DTYPES, DType, is_floating_point
from ...spec.tensor.type import Shape, TensorType
from ..resolve.graph import Argument, Node, TensorUse
from ..resolve.problems import Problems
from . import numbers
from .declare import unknown_dtype
from .describe import describe
from .evaluate import Evaluator, Unknown
from .read_argument import read_argument
from .settle_init import check_rule


def own_tensor(
    node: Node, use: TensorUse, dtype: DType | None, evaluator: Evaluator, problems: Problems
) -> StateEntry:
    """The entry of `state_dict`. Raises `Unknown` after reporting problems."""
    if use.dtype is not None and use.dtype not in DTYPES:
        unknown_dtype(use.dtype, (*node.path, "dtype"), problems)
        raise Unknown
    element: DType | None = use.dtype
    if use.shape is not None:
        shape = _shape(use.shape, evaluator, problems)
        type = TensorType(shape, element or dtype or DEFAULT)
    else:
        assert use.value is not None
        type = _type_of(use.value, element, dtype, evaluator, problems)
    if use.init is not None:
        made = check_rule(use.init, evaluator, problems)
        if made is None:
            raise Unknown
    if use.trainable and use.requires_grad and not is_floating_point(type.dtype):
        problems.error(
            "dtype-mismatch",
            f"a Parameter that is trained is of a floating-point type, not {type.dtype}",
            node.path,
            help='dtype = "float32", or requires_grad = false',
        )
        raise Unknown
    frozen = use.trainable and not use.requires_grad
    return StateEntry(type, use.trainable, use.persistent, frozen)


def _shape(argument: Argument, evaluator: Evaluator, problems: Problems) -> Shape:
    sizes = read_argument(argument, evaluator, problems)
    assert isinstance(sizes, tuple)
    shape = []
    for place, size in enumerate(sizes):
        known = Dim.of(size) if numbers.is_integer(size) else None
        constant = known.constant if known is not None else None
        if known is None or constant is None or constant < 0:
            problems.error(
                "invalid-value",
                f"a size here is a whole number known at build, this is {describe(size)}",
                (*argument.path, place),
            )
            raise Unknown
        shape.append(known)
    return tuple(shape)


def _type_of(
    argument: Argument,
    element: DType | None,
    dtype: DType | None,
    evaluator: Evaluator,
    problems: Problems,
) -> TensorType:
    """The type of a value: of what an expression gives, or of nested lists of numbers."""
    value = read_argument(argument, evaluator, problems)
    if isinstance(value, TensorType):
        return value.with_dtype(element) if element else value
    kinds: set[str] = set()
    shape = _nested(value, kinds)
    if shape is None or not kinds:
        problems.error(
            "wrong-type",
            "a value is a number, a tensor, or lists of numbers of equal length",
            argument.path,
        )
        raise Unknown
    natural: DType = "bool" if kinds == {"bool"} else "int64" if "float" not in kinds else DEFAULT
    if natural == DEFAULT and dtype is not None:
        natural = dtype
    return TensorType.of(shape, element or natural)


def _nested(value: object, kinds: set[str]) -> tuple[int, ...] | None:
    """The shape of nested lists, None where they are ragged or hold no numbers."""
    if isinstance(value, tuple):
        shapes = {_nested(item, kinds) for item in value}
        if len(shapes) != 1 or None in shapes:
            return None
        (inner,) = shapes
        return (len(value), *inner) if inner is not None else None
    if isinstance(value, Dim):
        kinds.add("int")
        return () if value.is_constant else None
    if isinstance(value, bool | int | float):
        kinds.add(type(value).__name__)
        return ()
    return None
