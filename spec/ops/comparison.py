"""Comparisons, element by element.

Source: https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
"""

from ..refusal import Refusal
from ..tensor.type import TensorType
from .base import AnyNumber, Flag, Tensor, function
from .pointwise import binary_number, elementwise, ordered_test, to_bool

eq = binary_number(to_bool)
ne = binary_number(to_bool)
lt = binary_number(ordered_test)
le = binary_number(ordered_test)
gt = binary_number(ordered_test)
ge = binary_number(ordered_test)
not_equal = binary_number(to_bool)
less = binary_number(ordered_test)
less_equal = binary_number(ordered_test)
greater = binary_number(ordered_test)
greater_equal = binary_number(ordered_test)


@function("torch", method=True)
def isclose(
    input: Tensor,
    other: Tensor,
    rtol: AnyNumber = 1e-05,
    atol: AnyNumber = 1e-08,
    equal_nan: Flag = False,
) -> TensorType:
    if input.dtype != other.dtype:
        raise Refusal(
            f"input is {input.dtype}, but other is {other.dtype}",
            code="dtype-mismatch",
            argument="other",
            other="input",
        )
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if not tolerance >= 0:
            raise Refusal(f"{name} must not be negative, seen is {tolerance}", argument=name)
    return elementwise(to_bool, input, other, names=("input", "other"))
