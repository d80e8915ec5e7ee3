"""Every operator that torch's own tests know is a function here, or is left out for a reason."""

from __future__ import annotations

import warnings
from itertools import islice

import pytest
import torch
from operator_database import disagreements, is_public, label, registered
from torch.testing._internal.common_methods_invocations import op_db

from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.refusal import Refusal
from specc.spec.registry import load

OPERATORS = {label(operator): operator for operator in op_db if is_public(operator)}
MOST = {torch.float32: 30, torch.int64: 10, torch.complex64: 10, torch.bool: 5}
"""How many of torch's samples are tried, by element type."""
SHOWN = 3


@pytest.mark.parametrize("which", OPERATORS)
def test_operator_is_torchs(which: str) -> None:
    operator = OPERATORS[which]
    name = registered(operator.name)
    function = load("ops", name)
    assert isinstance(function, Function), f"{name} has no rule, and no row in spec/ops/refused.py"
    if isinstance(function, RefusedFunction):
        with pytest.raises(Refusal) as caught:
            function.bind(name, [], {})
        assert name in caught.value.message
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(disagreements(operator, MOST))
    differing = [one for one in found if one]
    assert not differing, _told(differing)


def _told(differing: list[str]) -> str:
    first = [one[:300] for one in islice(differing, SHOWN)]
    return "\n".join((f"{len(differing)} calls differ from torch's:", *first))
