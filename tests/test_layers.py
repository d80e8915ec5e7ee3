"""Every layer against the installed torch: arguments, verdicts, shapes, state, FLOPs."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import HealthCheck, given, settings
from layer_cases import CASES, Case
from pydantic_core import PydanticUndefined
from torch import nn
from torch_reference import assert_agree, our_module, torch_module

from specc.spec.layers.base import Layer
from specc.spec.registry import families, load

LAYERS = sorted(families("layers"))


def layer(name: str) -> type[Layer]:
    found = load("layers", name)
    assert isinstance(found, type)
    assert issubclass(found, Layer)
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_are_torchs(name: str) -> None:
    parameters = inspect.signature(getattr(nn, name)).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    theirs = [(p.name, p.default) for p in named if p.name != "device" and p.name[0] != "_"]
    ours = [
        (key, inspect.Parameter.empty if field.default is PydanticUndefined else field.default)
        for key, field in layer(name).model_fields.items()
    ]
    assert ours == theirs


def test_every_layer_has_cases() -> None:
    assert set(LAYERS) == set(CASES)


@pytest.mark.parametrize("name", LAYERS)
def test_verdict_types_state_and_flops_are_torchs(name: str) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CASES[name])
    def agree(case: Case) -> None:
        arguments, inputs = case
        ours = our_module(name, arguments, inputs)
        assert_agree(name, ours, torch_module(name, arguments, inputs), inputs)

    agree()
