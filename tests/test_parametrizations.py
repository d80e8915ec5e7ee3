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

import specc
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


def entry(**more: Any) -> dict[str, Any]:
    return {"type": "Linear", "out_features": 4, **more}


SPEC: dict[str, Any] = {
    "model": {
        "name": "Constrained",
        "inputs": {"x": ["batch", 4]},
        "init": [{"match": "first.weight", "type": "constant_", "val": 2.0}],
        "layers": [
            entry(name="first", parametrize={"weight": {"type": "weight_norm", "dim": 1}}),
            entry(name="second", parametrize={"weight": "spectral_norm"}),
            {"type": "Residual", "name": "inner"},
            {
                "name": "tail",
                "layers": [entry(repeat=2, parametrize={"weight": "orthogonal"}), "Tanh"],
            },
        ],
    },
    "blocks": {
        "Residual": {
            "layers": [
                entry(name="fc", parametrize={"weight": "weight_norm", "bias": "spectral_norm"}),
                {"expr": "fc + x"},
            ]
        }
    },
}


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)
        theirs.weight_norm(self.fc)
        theirs.spectral_norm(self.fc, "bias")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x) + x  # type: ignore[no-any-return]


class Constrained(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        nn.init.constant_(self.first.weight, 2.0)
        theirs.weight_norm(self.first, dim=1)
        self.second = theirs.spectral_norm(nn.Linear(4, 4))
        self.inner = Residual()
        self.tail = nn.Sequential(
            theirs.orthogonal(nn.Linear(4, 4)), theirs.orthogonal(nn.Linear(4, 4)), nn.Tanh()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tail(self.inner(self.second(self.first(x))))  # type: ignore[no-any-return]


def test_models_are_parametrized_as_by_hand() -> None:
    model, reference = specc.load(SPEC).Constrained(), Constrained()
    assert [(k, v.shape) for k, v in model.state_dict().items()] == [
        (k, v.shape) for k, v in reference.state_dict().items()
    ]
    summary = specc.compile(SPEC).summary
    state = [(one["name"], tuple(one["shape"])) for one in summary["state_dict"]]
    assert state == [(k, tuple(v.shape)) for k, v in model.state_dict().items()]
    assert summary["parameters"] == sum(p.numel() for p in reference.parameters())
    # The rule filled the weight before it was taken apart.
    torch.testing.assert_close(model.first.weight, torch.full((4, 4), 2.0))
    reference.load_state_dict(model.state_dict())
    x = torch.randn(3, 4)
    for network in (model, reference):
        network(x).square().sum().backward()
    pairs = zip(model.named_parameters(), reference.named_parameters(), strict=True)
    for (name, mine), (_, other) in pairs:
        torch.testing.assert_close(mine.grad, other.grad, msg=name)


@pytest.mark.parametrize(
    ("layer", "code", "said"),
    [
        (entry(parametrize={"wight": "weight_norm"}), "unknown-name", "no parameter wight"),
        (entry(parametrize={"weight": "weigth_norm"}), "unknown-type", "has no weigth_norm"),
        (entry(parametrize={"bias": "orthogonal"}), "shape-mismatch", "takes a matrix"),
        (
            entry(parametrize={"weight": {"type": "weight_norm", "dim": 2}}),
            "dimension-out-of-range",
            "dim = 2",
        ),
        (
            entry(parametrize={"weight": {"type": "spectral_norm", "n_power_iterations": 0}}),
            "invalid-value",
            "at least 1",
        ),
        (
            entry(parametrize={"weight": {"type": "spectral_norm", "power": 2}}),
            "unknown-argument",
            "no argument power",
        ),
        (
            {"name": "a", "layers": [entry()], "parametrize": {"weight": "weight_norm"}},
            "conflict",
            "for modules",
        ),
    ],
)
def test_what_cannot_be_parametrized_is_refused(layer: Any, code: str, said: str) -> None:
    spec = {"model": {"name": "Net", "inputs": {"x": ["batch", 4]}, "layers": [layer]}}
    problems = specc.check(spec)
    assert [problem.code for problem in problems] == [code]
    assert said in problems[0].message


def test_a_rule_for_a_parametrized_repeat_inside_a_container_is_refused() -> None:
    model = {**SPEC["model"], "init": [{"match": "tail.0.weight", "type": "zeros_"}]}
    problems = specc.check({**SPEC, "model": model})
    assert [problem.code for problem in problems] == ["not-supported"]
