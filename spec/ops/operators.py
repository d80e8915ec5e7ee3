"""Python's operators on tensors, as torch's `Tensor` defines them.

At least one operand is a tensor; the other may be a number or a size.
Source: https://docs.pytorch.org/docs/stable/tensors.html
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ..refusal import Refusal
from ..tensor.type import TensorType
from .arithmetic import (
    add,
    bitwise_and,
    bitwise_or,
    bitwise_xor,
    div,
    floor_divide,
    mul,
    pow,
    remainder,
    sub,
)
from .elementary import bitwise_not, neg, positive
from .matrix import multiplied
from .pointwise import Rule, elementwise, ordered_test, to_bool

Operator = Callable[[object, object], TensorType]


def _matmul(left: object, right: object) -> TensorType:
    for argument, operand in (("left", left), ("right", right)):
        if not isinstance(operand, TensorType):
            raise Refusal(f"@ takes tensors, not the number {operand}", argument=argument)
    assert isinstance(left, TensorType)
    assert isinstance(right, TensorType)
    return multiplied(left, right, "left", "right")


def _compare(rule: Rule) -> Operator:
    return lambda left, right: elementwise(rule, left, right, names=("left", "right"))


BINARY: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        "+": add,
        "-": sub,
        "*": mul,
        "/": div,
        "//": floor_divide,
        "%": remainder,
        "**": pow,
        "@": _matmul,
        "&": bitwise_and,
        "|": bitwise_or,
        "^": bitwise_xor,
        "==": _compare(to_bool),
        "!=": _compare(to_bool),
        "<": _compare(ordered_test),
        "<=": _compare(ordered_test),
        ">": _compare(ordered_test),
        ">=": _compare(ordered_test),
    }
)
UNARY: Final[Mapping[str, Callable[[TensorType], TensorType]]] = MappingProxyType(
    {"-": neg, "+": positive, "~": bitwise_not}
)


def operate(symbol: str, left: object, right: object) -> TensorType:
    """The type of `left <symbol> right`. Raises `Refusal` with argument "left" or "right"."""
    try:
        return BINARY[symbol](left, right)
    except Refusal as refusal:
        raise refusal.renamed(input="left", other="right", exponent="right") from None


def operate_on_one(symbol: str, operand: TensorType) -> TensorType:
    """The type of `<symbol> operand`. Raises `Refusal` with argument "operand"."""
    try:
        return UNARY[symbol](operand)
    except Refusal as refusal:
        raise refusal.renamed(input="operand") from None
