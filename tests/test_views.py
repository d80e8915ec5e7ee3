"""Functions whose output may lie in their input's memory: a change in place meets both."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_cases.base import Draw
from op_calls import CALLS, Call
from test_ops import OF_ONE, OF_TWO
from torch import Tensor
from torch_reference import as_tensor, for_torch, torch_function

from specc.compiler.elaborate import storage
from specc.spec import registry
from specc.spec.ops.base import Function
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType


def memory(value: Any) -> set[int]:
    """Where the tensors in a value lie."""
    if isinstance(value, Tensor):
        return {value.untyped_storage().data_ptr()} if value.numel() else set()
    items = value if isinstance(value, list | tuple) else ()
    return set().union(*(memory(item) for item in items))


KNOWN_VIEWS = storage.VIEWS | storage.FIXED_VIEWS | storage.VIEWS_OF_ONE


def assert_known(name: str, args: list[Any], keywords: dict[str, Any]) -> None:
    """What a call gives lies elsewhere than what it takes, unless the function is a known view."""
    known = registry.load("ops", name)
    assert isinstance(known, Function)
    given = [as_tensor(arg) for arg in args]
    named = {key: for_torch(key, as_tensor(value)) for key, value in keywords.items()}
    try:
        result = torch_function(name, known.namespace)(*given, **named)
    except Exception:
        return
    shares = memory(result) & memory([*given, *named.values()])
    assert not shares or name in KNOWN_VIEWS, f"{name} may give what it takes"


@pytest.mark.parametrize("name", OF_ONE + OF_TWO)
def test_what_shares_memory(name: str) -> None:
    for dtype, shape in product(DTYPES, [(3,), (2, 2)]):
        tensor = TensorType.of(shape, dtype)
        assert_known(name, [tensor] if name in OF_ONE else [tensor, tensor], {})


@pytest.mark.parametrize("strategy", CALLS, ids=lambda function: function.__name__[1:])
def test_what_calls_share_memory(strategy: Callable[[Draw], Call]) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.composite(strategy)())
    def check(drawn: Call) -> None:
        assert_known(*drawn)

    check()
