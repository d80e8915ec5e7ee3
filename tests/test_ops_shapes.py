"""Shapes and refusals of functions and of indexing against the installed torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_cases.base import Draw, shapes
from op_calls import CALLS, INDEXED, Call
from torch_reference import agree_on_call, as_tensor, assert_agree, of_type, our_call, torch_call

from specc.spec.ops.indexing import index
from specc.spec.tensor.type import TensorType


@pytest.mark.parametrize("strategy", CALLS, ids=lambda function: function.__name__[1:])
def test_calls_are_torchs(strategy: Callable[[Draw], Call]) -> None:
    accepted = 0

    @settings(
        max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.composite(strategy)())
    def agree(drawn: Call) -> None:
        nonlocal accepted
        accepted += agree_on_call(*drawn, zero=drawn[0] in INDEXED)

    agree()
    assert accepted, "no case is legal"


bounds = st.none() | st.integers(-6, 6)
lists = st.lists(st.integers(-4, 3), max_size=3)
index_tensors = st.builds(TensorType.of, shapes(most=2), st.sampled_from(["int64", "int32"]))
items = st.one_of(
    st.just(slice(None)),
    st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, 3, 0, -1])),
    st.integers(-5, 4),
    st.none(),
    st.just(Ellipsis),
    lists,
    index_tensors,
)


@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes(), st.lists(items, max_size=5).map(tuple))
def test_indexing_is_torchs(shape: tuple[int, ...], chosen: tuple[Any, ...]) -> None:
    tensor = TensorType.of(shape)
    ours = our_call(lambda: index(tensor, chosen))
    theirs = torch_call(
        lambda: as_tensor(tensor)[
            tuple(
                as_tensor(one, zero=True) if isinstance(one, TensorType) else one for one in chosen
            )
        ]
    )
    inputs = [of_type(one) for one in (tensor, *chosen) if isinstance(one, TensorType)]
    assert_agree("index", ours, theirs, inputs)
