"""Operations of functions against torch's counter, which counts products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layer_cases.base import Draw
from op_calls import CALLS, Call
from torch.utils.flop_counter import FlopCounterMode
from torch_reference import Accepted, as_tensor, our_call, torch_call, torch_function

from specc.spec.ops.base import Function
from specc.spec.registry import load
from specc.spec.tensor.cost import counting

MULTIPLYING = {"product", "added_products", "tensordot", "chain", "power", "einsum", "low_rank"}
STRATEGIES = [strategy for strategy in CALLS if strategy.__name__[1:] in MULTIPLYING]


def counts(name: str, function: Function[Any], call: Call) -> tuple[int, int] | None:
    """Our count and torch's, where both accept."""
    _, args, keywords = call
    with counting() as count:
        ours = our_call(lambda: function.bind(name, args, keywords))
    run = torch_function(name, function.namespace)
    with FlopCounterMode(display=False) as counter:
        theirs = torch_call(
            lambda: run(
                *map(as_tensor, args), **{key: as_tensor(item) for key, item in keywords.items()}
            )
        )
    accepted = isinstance(ours, Accepted) and isinstance(theirs, Accepted)
    return (int(count.total()), counter.get_total_flops()) if accepted else None


def test_all_strategies_are_found() -> None:
    assert len(STRATEGIES) == len(MULTIPLYING)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda function: function.__name__[1:])
def test_flops_are_torchs(strategy: Callable[[Draw], Call]) -> None:
    counted = 0

    @settings(
        max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.composite(strategy)())
    def agree(drawn: Call) -> None:
        nonlocal counted
        function = load("ops", drawn[0])
        assert isinstance(function, Function)
        found = counts(drawn[0], function, drawn)
        # It counts no products of two vectors, and none that give vectors.
        if found and found[1]:
            assert found[0] == found[1]
            counted += 1

    agree()
    assert counted, "no case counts"
