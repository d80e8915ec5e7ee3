"""Makers of element-wise functions: a row says only how the dtype follows."""

from collections.abc import Callable

from ..refusal import Refusal
from ..tensor.check import broadcast
from ..tensor.dtype import DType, category, rank, to_float
from ..tensor.type import TensorType
from .base import Function, Namespace, Operand, Tensor, operand_shapes, result_type

Rule = Callable[[DType], DType]


def keep(dtype: DType) -> DType:
    """The result has the input's dtype."""
    return dtype


def to_bool(dtype: DType) -> DType:
    """The result is true or false."""
    return "bool"


def no_bool(dtype: DType) -> DType:
    """The input's dtype, true and false refused."""
    if dtype == "bool":
        raise Refusal("torch refuses a bool tensor here", code="dtype-mismatch", argument="input")
    return dtype


def floating(dtype: DType) -> DType:
    """The input's dtype, which must be floating-point."""
    if category(dtype) != "float":
        raise Refusal(
            f"torch takes only floating-point tensors here, not {dtype}",
            code="dtype-mismatch",
            argument="input",
        )
    return dtype


fraction: Rule = to_float
"""Whole numbers become the default floating-point type."""


def unary(rule: Rule, namespace: Namespace = "torch", *, method: bool = True) -> Function:
    """An element-wise function of one tensor."""

    def apply(input: Tensor) -> TensorType:
        return input.with_dtype(rule(input.dtype))

    return Function(apply, namespace, method)


def binary(rule: Rule, namespace: Namespace = "torch", *, method: bool = True) -> Function:
    """An element-wise function of two operands that broadcast; `rule` gets their common dtype."""

    def apply(input: Operand, other: Operand) -> TensorType:
        return elementwise(rule, input, other, names=("input", "other"))

    return Function(apply, namespace, method)


def elementwise(rule: Rule, *operands: object, names: tuple[str, ...] = ()) -> TensorType:
    """The type of an element-wise result."""
    return TensorType(
        broadcast(*operand_shapes(*operands), names=names), rule(result_type(*operands))
    )


def at_most(left: DType, right: DType) -> bool:
    """Whether a result of type `left` may be stored in a tensor of type `right`."""
    return rank(category(left)) <= rank(category(right))
