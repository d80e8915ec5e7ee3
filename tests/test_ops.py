"""Element types of functions and operators against the installed torch, exhaustively."""

from __future__ import annotations

import inspect
import operator
from itertools import product
from typing import Any

import pytest
from op_calls import INDEXED
from torch_reference import agree_on_call, as_tensor, assert_agree, of_type, our_call, torch_call

from specc.spec.ops.base import Function, kind_of
from specc.spec.ops.operators import BINARY, UNARY, operate, operate_on_one
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType

NUMBERS = [True, 2, -2, 0, 2.5, 300]


def function(name: str) -> Function[Any]:
    found = load("ops", name)
    assert isinstance(found, Function)
    return found


def required(name: str) -> list[inspect.Parameter]:
    parameters = function(name).parameters.values()
    return [p for p in parameters if p.default is inspect.Parameter.empty]


def takes(parameter: inspect.Parameter, value: object) -> bool:
    kind = kind_of(parameter.annotation)
    try:
        return kind is not None and kind.read(value) is value
    except ValueError:
        return False


TENSOR = TensorType.of((2, 3))
OPS = sorted(n for n in families("ops") if not isinstance(function(n), RefusedFunction))
SINGULAR = {"linalg_tensorinv"}  # its drawn calls have tensors that can be inverted
OF_ONE = [
    n for n in OPS if len(required(n)) == 1 and takes(required(n)[0], TENSOR) and n not in SINGULAR
]
OF_TWO = [n for n in OPS if len(required(n)) == 2 and all(takes(p, TENSOR) for p in required(n))]
DROPOUTS = {name for name in OF_ONE if "dropout" in name}


@pytest.mark.parametrize("name", OF_ONE)
def test_dtypes_of_one_tensor(name: str) -> None:
    keywords = {"training": True} if name in DROPOUTS else {}
    for dtype, shape in product(DTYPES, [(), (3,), (2, 2), (1, 2, 2), (1, 4, 2, 2)]):
        agree_on_call(name, [TensorType.of(shape, dtype)], keywords)


@pytest.mark.parametrize("name", OF_TWO)
def test_dtypes_of_two_operands(name: str) -> None:
    tensors = [TensorType.of(shape, dtype) for dtype in DTYPES for shape in [(), (2,)]]
    for left, right in product(tensors, tensors):
        agree_on_call(name, [left, right], {}, zero=name in INDEXED)
    first, second = required(name)
    for tensor, number in product(tensors, NUMBERS):
        if takes(second, 2):
            agree_on_call(name, [tensor, number], {})
        if takes(first, 2):
            agree_on_call(name, [number, tensor], {})


OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def test_all_operators_are_held_to_torch() -> None:
    assert set(BINARY) == set(OPERATORS)


@pytest.mark.parametrize("symbol", OPERATORS)
def test_operators_are_torchs(symbol: str) -> None:
    tensors = [TensorType.of(shape, dtype) for dtype in DTYPES for shape in [(), (2,), (3, 2)]]
    for pair in [*product(tensors, [*tensors, *NUMBERS]), *product(NUMBERS, tensors)]:
        ours = our_call(lambda: operate(symbol, *pair))  # noqa: B023 - called at once
        theirs = torch_call(lambda: OPERATORS[symbol](*map(as_tensor, pair)))  # noqa: B023
        inputs = [of_type(one) for one in pair if isinstance(one, TensorType)]
        assert_agree(f"operator {symbol}", ours, theirs, inputs)


@pytest.mark.parametrize(
    ("symbol", "run"), [("-", operator.neg), ("+", operator.pos), ("~", operator.invert)]
)
def test_operators_of_one_are_torchs(symbol: str, run: Any) -> None:
    assert symbol in UNARY
    for dtype in DTYPES:
        tensor = TensorType.of((2,), dtype)
        ours = our_call(lambda: operate_on_one(symbol, tensor))  # noqa: B023
        theirs = torch_call(lambda: run(as_tensor(tensor)))  # noqa: B023
        assert_agree(f"operator {symbol}", ours, theirs, [of_type(tensor)])
