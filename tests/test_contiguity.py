"""What the planner takes for contiguous is contiguous: there it writes `view`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import torch
from operator_database import registered
from torch.testing._internal.common_methods_invocations import op_db

from specc.compiler.plan.contiguity import Contiguity
from specc.compiler.resolve.bound import FunctionCall, Input
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load

DTYPES = (torch.float32, torch.complex64)
OPERATORS = [operator for operator in op_db if registered(operator.name) in families("ops")]


def tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)


def results(operator: Any) -> Iterator[Any]:
    """What an operator gives for tensors that are all contiguous."""
    for dtype in DTYPES:
        if dtype not in operator.supported_dtypes("cpu"):
            continue
        for sample in islice(operator.sample_inputs("cpu", dtype), 20):
            given = [sample.input, *sample.args, *sample.kwargs.values()]
            laid_out = "memory_format" in sample.kwargs or torch.channels_last in sample.args
            if laid_out or not all(tensor.is_contiguous() for tensor in tensors(given)):
                continue
            try:
                yield operator(sample.input, *sample.args, **sample.kwargs)
            except Exception:  # torch itself refuses some samples
                continue


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda one: str(one.formatted_name))
def test_what_functions_of_contiguous_tensors_give(operator: Any) -> None:
    name = registered(operator.name)
    function = load("ops", name)
    assert isinstance(function, Function)
    if isinstance(function, RefusedFunction):
        return
    called = function.prefix + name[len(function.prefix) :]
    call = FunctionCall(called, (Input("x", (0, 0)),), (), (0, 0))
    if not Contiguity({}, inputs_are=True).is_sure(call):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for result in results(operator):
            if isinstance(result, torch.Tensor) and result.layout == torch.strided:
                assert result.is_contiguous(), name


def test_what_is_made_anew_is_contiguous() -> None:
    sure = Contiguity({}, inputs_are=False)
    turned = torch.rand(3, 4).T
    made = {
        "matmul": turned @ turned.T,
        "linear": torch.nn.functional.linear(turned, turned),
        "expand_copy": torch.expand_copy(turned, (2, 4, 3)),
        "new_zeros": turned.new_zeros(4, 3),
    }
    for name, tensor in made.items():
        assert sure.is_sure(FunctionCall(name, (Input("x", (0, 0)),), (), (0, 0)))
        assert tensor.is_contiguous()
