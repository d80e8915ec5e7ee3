"""Makers of element-wise functions: a row says only how the dtype follows."""

from collections.abc import Callable, Mapping
from math import inf, isfinite
from typing import Final

from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least
from ..tensor.dim import Dim
from ..tensor.dtype import Category, DType, category, complex_to_real, to_float, whole_range
from ..tensor.type import TensorType
from .base import Function, Namespace, Operand, Tensor, operand_shapes, result_type

Rule = Callable[[DType], DType]
_LARGEST: Final[dict[DType, float]] = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "complex64": 3.4028234663852886e38,
}


def keep(dtype: DType) -> DType:
    """The result has the input's dtype."""
    return dtype


def to_bool(dtype: DType) -> DType:
    """The result is true or false."""
    return "bool"


def to_index(dtype: DType) -> DType:
    """The result counts or numbers elements."""
    return "int64"


def widened(dtype: DType) -> DType:
    """Sums of true and false and of whole numbers are int64."""
    return "int64" if category(dtype) in ("bool", "integer") else dtype


def only(*categories: Category, then: Rule = keep) -> Rule:
    """A rule that refuses the dtypes of other categories."""

    def rule(dtype: DType) -> DType:
        if category(dtype) not in categories:
            raise Refusal(
                f"torch takes {' or '.join(categories)} tensors here, not {dtype}",
                code="dtype-mismatch",
                argument="input",
            )
        return then(dtype)

    return rule


fraction: Final[Rule] = to_float
"""Whole numbers become the default floating-point type."""
floating: Final = only("float")
inexact: Final = only("float", "complex")
real: Final = only("integer", "float")
number: Final = only("integer", "float", "complex")
whole: Final = only("bool", "integer")
ordered: Final = only("bool", "integer", "float")
real_fraction: Final = only("bool", "integer", "float", then=to_float)
number_fraction: Final = only("integer", "float", "complex", then=to_float)
integral: Final = only("integer")
ordered_test: Final = only("bool", "integer", "float", then=to_bool)
magnitude: Final = only("integer", "float", "complex", then=complex_to_real)


def unary(
    rule: Rule, namespace: Namespace = "torch", *, method: bool = True
) -> Function[TensorType]:
    """An element-wise function of one tensor."""

    def apply(input: Tensor) -> TensorType:
        return input.with_dtype(rule(input.dtype))

    return Function(apply, namespace, method)


def binary(
    rule: Rule, namespace: Namespace = "torch", *, method: bool = True
) -> Function[TensorType]:
    """An element-wise function of two operands that broadcast, of which either may be a number;
    `rule` gets their common dtype."""

    def apply(input: Operand, other: Operand) -> TensorType:
        return elementwise(rule, input, other, names=("input", "other"))

    return Function(apply, namespace, method)


def binary_number(rule: Rule, namespace: Namespace = "torch") -> Function[TensorType]:
    """As `binary`, but only the second may be a number."""

    def apply(input: Tensor, other: Operand) -> TensorType:
        return elementwise(rule, input, other, names=("input", "other"))

    return Function(apply, namespace, method=True)


def binary_tensor(
    rule: Rule, namespace: Namespace = "torch", *, method: bool = True
) -> Function[TensorType]:
    """As `binary`, but both must be tensors."""

    def apply(input: Tensor, other: Tensor) -> TensorType:
        return elementwise(rule, input, other, names=("input", "other"))

    return Function(apply, namespace, method)


def elementwise(rule: Rule, *operands: object, names: tuple[str, ...] = ()) -> TensorType:
    """The type of an element-wise result."""
    need_tensor(*operands, names=names)
    common = result_type(*operands)
    return TensorType(broadcast(*operand_shapes(*operands), names=names), rule(common))


def need_tensor(*operands: object, names: tuple[str, ...] = ()) -> None:
    """Refuses operands that are all numbers."""
    if not any(isinstance(operand, TensorType) for operand in operands):
        raise Refusal("there must be a tensor", argument=names[0] if names else None)


def need_storable(number: float | Dim, dtype: DType, argument: str) -> None:
    """Refuses a number that overflows the input's dtype, as torch's conversion does.

    Source: https://github.com/pytorch/pytorch/blob/main/c10/util/TypeCast.h
    """
    low, high = whole_range(dtype)
    if isinstance(number, Dim):
        if high < 2**63 - 1 or number.is_constant:
            text = f"{number} does not fit {dtype}"
            need_at_least(number - low, 0, text, argument=argument, other="input")
            need_at_least(high - number, 0, text, argument=argument, other="input")
        return
    if category(dtype) == "integer":
        if dtype == "uint8" and isinstance(number, int):
            low = -high
        fits = low <= number <= high
    else:
        fits = not isfinite(number) or abs(number) <= _LARGEST.get(dtype, inf)
    if not fits:
        raise Refusal(f"{number} does not fit {dtype}", argument=argument, other="input")


def need_computable(number: float | Dim, dtype: DType, argument: str) -> None:
    """As `need_storable`, where half precision is computed in single precision."""
    need_storable(number, "float32" if dtype in ("float16", "bfloat16") else dtype, argument)


def need_storable_bounds(bounds: Mapping[str, object], dtype: DType) -> None:
    """Refuses bounds that overflow the dtype; beside a nan torch looks at none."""
    numbers = {name: one for name, one in bounds.items() if isinstance(one, int | float | Dim)}
    if category(dtype) == "float" and any(number != number for number in numbers.values()):
        return
    for name, number in numbers.items():
        need_storable(number, dtype, name)
