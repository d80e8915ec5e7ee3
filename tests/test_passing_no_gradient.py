"""Which functions pass no gradient on: as the planner lists them, and as torch does."""

from __future__ import annotations

import warnings
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import torch
from drawn import call, within
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch_reference import as_tensor, torch_function

from specc.compiler.elaborate.derivatives import PASSING_NO_GRADIENT
from specc.spec.ops.base import Function
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load
from specc.spec.tensor.type import TensorType, tensors

CRASHING = {"native_batch_norm", "segment_reduce", "linalg_ldl_solve", "lu_unpack"}
"""Functions that read beyond memory where torch should refuse."""
OTHERS = {"empty_like", "new_empty", "new_empty_strided", "view", "type_as"}
"""What gives no value of its own; a view as another element type, or what another tensor's says."""
NAMES = sorted(
    name
    for name in families("ops")
    if isinstance(load("ops", name), Function)
    and not isinstance(load("ops", name), RefusedFunction)
    and name not in CRASHING | OTHERS
)


def trained(value: Any) -> Any:
    """A type's tensor that requires a gradient, where it can."""
    made = as_tensor(value)
    if isinstance(made, Tensor):
        return made.requires_grad_() if made.is_floating_point() else made
    if isinstance(made, PackedSequence):
        trained_data = made.data.requires_grad_(made.data.is_floating_point())
        return made._replace(data=trained_data)
    if isinstance(made, list | tuple):
        return type(made)(map(trained, value))
    return made


def passes(name: str, function: Function[Any], random: Random) -> bool | None:
    """Whether a drawn call passes a gradient on; None where torch refuses it."""
    args, keywords = call(function, random)
    types = list(tensors([*args, *keywords.values()]))
    if any(int(one.numel()) > 2000 for one in types) or "dtype" in keywords:
        return None
    made = [trained(arg) for arg in args]
    named = {key: trained(one) for key, one in keywords.items()}
    floating = [one for one in types if isinstance(one, TensorType) and "float" in one.dtype]
    if len(floating) < len(types) or not types:
        return None
    with suppress(Exception), warnings.catch_warnings(), within(5):
        warnings.simplefilter("ignore")
        result = torch_function(name, function.namespace)(*made, **named)
        found = result if isinstance(result, list | tuple) else [result]
        able = [one for one in found if isinstance(one, Tensor) and one.requires_grad]
        return any(map(has_derivative, able))
    return None


def has_derivative(tensor: Tensor) -> bool:
    """Whether torch knows the derivative of what it recorded."""
    try:
        torch.autograd.backward(tensor.abs().sum(), retain_graph=True)
    except RuntimeError as error:
        return "is not implemented" not in str(error)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_what_passes_no_gradient_is_listed(name: str) -> None:
    function = load("ops", name)
    assert isinstance(function, Function)
    random = Random(name)
    seen = [passes(name, function, random) for _ in range(12)]
    told = [one for one in seen if one is not None]
    if name in PASSING_NO_GRADIENT:
        assert True not in told
    elif told:
        assert True in told, "it passes no gradient on in any call"
