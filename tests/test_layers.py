"""Every layer against the installed torch: arguments, verdicts, shapes, state, FLOPs."""

from __future__ import annotations

import inspect
import tomllib
from types import FunctionType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from layer_cases import CASES, Case
from torch import nn
from torch_reference import (
    assert_agree,
    for_torch,
    layer_of,
    make,
    module_parameters,
    our_call,
    our_module,
    torch_call,
    torch_module,
)

import specc
from specc.spec.layers.absent import ABSENT, ALIASES, LAZY
from specc.spec.layers.base import Layer
from specc.spec.refusal import Refusal
from specc.spec.registry import families, load, slip
from specc.spec.tensor.dim import Dim, Symbol
from specc.spec.tensor.type import TensorType

UNWRITTEN = {
    "device",  # one place for the whole model: the training's
    "process_group",  # an object of the running program
    *("size_average", "reduce"),  # deprecated: reduction says it
}
LAYERS = sorted(families("layers"))


def layer(name: str) -> type[Layer]:
    found = load("layers", name)
    assert isinstance(found, type)
    assert issubclass(found, Layer)
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_are_torchs(name: str) -> None:
    parameters = module_parameters(name).values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    theirs = [
        # A function that is a default has a name that stands for it.
        (p.name, p.default.__name__ if isinstance(p.default, FunctionType) else p.default)
        for p in named
        if p.name[0] != "_" and p.name not in UNWRITTEN
    ]
    ours = [
        (key, inspect.Parameter.empty if field.is_required() else field.default)
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


@pytest.mark.parametrize("name", LAYERS)
def test_examples_are_entries(name: str) -> None:
    cls = layer(name)
    required = {key for key, field in cls.model_fields.items() if field.is_required()}
    if not cls.example:
        assert not required - set(cls.inferred())
        return
    # What stands before it in an example gives its inputs.
    entry = tomllib.loads(f"entries = [{cls.example}]")["entries"][-1]
    assert entry["type"] == name
    assert required <= set(entry) | set(cls.inferred())
    layer_of(name, written(entry))


def written(entry: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an entry, with 4 for each size that may be left out."""
    given = {
        key: {"type": value["type"], **written(value)} if isinstance(value, dict) else value
        for key, value in entry.items()
        if key not in ("type", "inputs")
    }
    return dict.fromkeys(layer(entry["type"]).inferred(), 4) | given


@pytest.mark.parametrize("name", LAYERS)
def test_what_modules_inside_hold_is_known_to_be_theirs(name: str) -> None:
    if not layer(name).example:
        return
    entry = tomllib.loads(f"entries = [{layer(name).example}]")["entries"][-1]
    arguments = written(entry)
    state = layer_of(name, arguments).state()
    if not any("." in key for key in state):
        return
    module = getattr(nn, name)(**{key: for_torch(key, item) for key, item in arguments.items()})
    for key, entry in state.items():
        inside, _, _ = key.rpartition(".")
        owner = name if entry.owner is None else entry.owner
        assert isinstance(module.get_submodule(inside), getattr(nn, owner)), key


@pytest.mark.parametrize("size", [(19, 19), (20, 19), (21, 19), (18, 19), (2, 4, 20, 20), (19,)])
@pytest.mark.parametrize("output_padding", [0, 1])
def test_transposed_convolutions_take_an_output_size(
    size: tuple[int, ...], output_padding: int
) -> None:
    arguments: dict[str, Any] = {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "stride": 2}
    arguments["output_padding"] = output_padding
    module = nn.ConvTranspose2d(**arguments)
    theirs = torch_call(lambda: module(make((2, 4, 9, 9), "float32"), output_size=size))
    rule = layer("ConvTranspose2d")(**arguments)
    ours = our_call(lambda: rule.output(TensorType.of((2, 4, 9, 9)), size))
    assert_agree("ConvTranspose2d", ours, theirs, [])


def test_an_output_size_may_vary() -> None:
    height = Dim.of(Symbol("height"))
    rule = layer("ConvTranspose1d")(in_channels=4, out_channels=3, kernel_size=2, stride=2)
    output = rule.output(TensorType.of((1, 4, height)), (2 * height + 1,))
    assert output == TensorType.of((1, 3, 2 * height + 1))
    with pytest.raises(Refusal, match="output_size"):
        rule.output(TensorType.of((1, 4, height)), (3 * height,))


def test_every_module_of_torch_is_a_layer_or_has_a_reason_to_be_none() -> None:
    here = set(families("layers"))
    of_torch = {
        name
        for name, value in vars(nn).items()
        if isinstance(value, type) and issubclass(value, nn.Module)
    }
    lazy = {name for name in of_torch if name.startswith(LAZY)}
    assert {name.removeprefix(LAZY) for name in lazy} <= here
    groups = [here, set(ABSENT), lazy]
    assert set.union(*groups) == of_torch
    assert sum(map(len, groups)) == len(of_torch)


def test_other_names_mean_layers() -> None:
    here = set(families("layers"))
    for alias, meant in ALIASES.items():
        assert alias not in {name.lower() for name in here}
        assert here.issuperset(meant)


@pytest.mark.parametrize(
    ("name", "meant", "is_slip"),
    [
        ("Liner", "Linear", True),
        ("relu", "ReLU", True),
        ("Dropuot2d", "Dropout2d", True),
        ("out_featurs", "out_features", True),
        ("lr", "lr", True),
        ("Conv4d", "Conv3d", False),
        ("Conv", "Conv2d", False),
        ("Swish", "Hardswish", False),
        ("eval", "real", False),
        ("x", None, False),
    ],
)
def test_a_fix_is_for_slips_alone(name: str, meant: str | None, is_slip: bool) -> None:
    assert slip(name, [meant] if meant else []) == (meant if is_slip else None)


def test_output_sizes_are_inputs_of_a_layer() -> None:
    pool = {"name": "p", "type": "MaxPool2d", "kernel_size": 2, "return_indices": True}
    unpool = {"name": "u", "type": "MaxUnpool2d", "kernel_size": 2}
    grow = {"name": "d", "type": "ConvTranspose2d", "out_channels": 3, "kernel_size": 3}
    places = {"input": "p", "indices": "p.indices", "output_size": "x.shape"}
    layers = [
        {**pool, "inputs": "x"},
        {**unpool, "inputs": places},
        {**grow, "stride": 2, "inputs": {"input": "p", "output_size": "(9, 8)"}},
    ]
    model = {"name": "Net", "inputs": {"x": ["batch", 2, 9, 7]}, "layers": layers}
    package = specc.load({"model": {**model, "outputs": ["u", "d"]}})
    u, d = package.Net()(make((4, 2, 9, 7), "float32"))
    assert (u.shape, d.shape) == ((4, 2, 9, 7), (4, 3, 9, 8))
