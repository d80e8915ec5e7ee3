"""Parametrizations against the installed torch, and in whole models."""

from __future__ import annotations

import inspect
import warnings
from itertools import product
from typing import Any

import pytest
import torch
from pydantic_core import ValidationError
from torch import nn
from torch.nn.utils import parametrizations as theirs
from torch_reference import of_type, signature

from specc.spec.layers.base import Layer
from specc.spec.parametrizations import parametrizations
from specc.spec.refusal import Refusal
from specc.spec.registry import load

FUNCTIONS = parametrizations()
LAYERS: list[tuple[str, dict[str, Any], str]] = [
    ("Linear", {"in_features": 3, "out_features": 5}, "weight"),
    ("Linear", {"in_features": 4, "out_features": 4, "bias": False}, "weight"),
    ("Linear", {"in_features": 5, "out_features": 3}, "bias"),
    ("Linear", {"in_features": 3, "out_features": 2, "dtype": "float16"}, "weight"),
    ("Linear", {"in_features": 3, "out_features": 3, "dtype": "complex64"}, "weight"),
    ("Conv2d", {"in_channels": 3, "out_channels": 4, "kernel_size": [2, 3]}, "weight"),
    ("Conv2d", {"in_channels": 3, "out_channels": 4, "kernel_size": 2}, "weight"),
    ("ConvTranspose1d", {"in_channels": 3, "out_channels": 4, "kernel_size": 2}, "weight"),
    ("Embedding", {"num_embeddings": 7, "embedding_dim": 2}, "weight"),
    ("Bilinear", {"in1_features": 2, "in2_features": 3, "out_features": 4}, "weight"),
    ("LayerNorm", {"normalized_shape": [3, 2]}, "weight"),
    ("BatchNorm1d", {"num_features": 3}, "weight"),
    ("PReLU", {}, "weight"),
]
ARGUMENTS: dict[str, dict[str, list[Any]]] = {
    "weight_norm": {"dim": [0, 1, 2, 3, 4, -1, -2, -4, None]},
    "spectral_norm": {"n_power_iterations": [1, 2, 0, -1], "dim": [None, 0, 1, -1, 3, 4]},
    "orthogonal": {
        "orthogonal_map": [None, "matrix_exp", "cayley", "householder", "qr"],
        "use_trivialization": [True, False],
    },
}
State = list[tuple[str, Any]] | None


def combinations(name: str) -> list[dict[str, Any]]:
    values = ARGUMENTS[name]
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def test_all_of_torch_is_here() -> None:
    public = {n for n, f in vars(theirs).items() if inspect.isfunction(f) and n[0] != "_"}
    assert set(FUNCTIONS) == {n for n in public if getattr(theirs, n).__module__ == theirs.__name__}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_are_torchs(name: str) -> None:
    parameters = list(inspect.signature(getattr(theirs, name)).parameters.values())[2:]
    ours = [(key, field.default) for key, field in FUNCTIONS[name].model_fields.items()]
    assert ours == [(p.name, p.default) for p in parameters]


def torch_state(name: str, layer: Any, own: dict[str, Any], tensor: str, given: Any) -> State:
    arguments = dict(own)
    if "dtype" in own:
        arguments["dtype"] = getattr(torch, own["dtype"])
    module = getattr(nn, layer)(**arguments)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(theirs, name)(module, tensor, **given)
            getattr(module, tensor)
    except Exception:
        return None
    prefix = f"parametrizations.{tensor}."
    state = [(k, signature(v)) for k, v in module.state_dict().items() if k.startswith(prefix)]
    return [(key.removeprefix(prefix), one) for key, one in state]


def our_state(name: str, layer: str, own: dict[str, Any], tensor: str, given: Any) -> State:
    cls = load("layers", layer)
    assert isinstance(cls, type)
    assert issubclass(cls, Layer)
    entry = cls(**own).state()[tensor]
    try:
        made = FUNCTIONS[name](**given).state(entry, layer)
    except (Refusal, ValidationError):
        return None
    return [(key, of_type(one.type)) for key, one in made.items()]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("layer", "own", "tensor"), LAYERS)
def test_state_is_torchs(name: str, layer: str, own: dict[str, Any], tensor: str) -> None:
    for given in combinations(name):
        ours = our_state(name, layer, own, tensor, given)
        assert ours == torch_state(name, layer, own, tensor, given), given
