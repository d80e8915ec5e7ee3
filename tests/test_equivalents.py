"""Compiled networks equal the same networks written by hand, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same
from reference import attention, recurrent, resnet, simple, transformers, unet
from torch import Tensor, nn

SPECS = Path(__file__).parent / "specs"


def tree(name: str) -> dict[str, Any]:
    """One of the specs beside the tests."""
    return tomli.loads((SPECS / f"{name}.toml").read_text("utf-8"))


def normal(*shapes: tuple[int, ...]) -> list[Tensor]:
    """Random numbers of some shapes."""
    return [torch.randn(shape) for shape in shapes]


EQUIVALENTS: dict[str, tuple[Callable[[], nn.Module], list[list[Tensor]]]] = {
    "network": (simple.Network, [normal((3, 5)), normal((1, 5))]),
    "funky_network": (simple.FunkyNetwork, [normal((3, 5))]),
    "matrix_algebra": (simple.MatrixAlgebra, [normal((2, 2), (2, 2), (4,))]),
    "resnet18": (resnet.ResNet18, [normal((2, 3, 48, 40)), normal((3, 3, 33, 64))]),
    "unet": (unet.UNet, [normal((2, 2, 8, 12)), normal((1, 2, 16, 8))]),
    "vit": (transformers.ViT, [normal((2, 3, 8, 8)), normal((1, 3, 8, 8))]),
    "gpt": (transformers.GPT, [[torch.randint(0, 17, (2, 12))], [torch.randint(0, 17, (3, 5))]]),
    "lstm_classifier": (
        recurrent.LSTMClassifier,
        [[torch.randint(0, 17, (2, 5))], [torch.randint(0, 17, (1, 1))]],
    ),
    "translator": (
        recurrent.Translator,
        [normal((3, 2, 5), (4, 2, 4)), normal((1, 1, 5), (1, 1, 4))],
    ),
    "text_encoder": (
        attention.TextEncoder,
        [[torch.randint(0, 17, (3, 5)), torch.arange(5) > torch.tensor([[4], [2], [3]])]],
    ),
    "causal_attention": (
        attention.CausalAttention,
        [normal((2, 5, 12), (2, 3, 7)), normal((1, 1, 12), (1, 4, 7))],
    ),
    "seq2seq": (
        attention.Seq2Seq,
        [[*normal((4, 2, 8), (3, 2, 8)), torch.arange(4) > torch.tensor([[3], [1]])]],
    ),
    "cells": (recurrent.Cells, [normal((3, 4, 5)), normal((1, 4, 5))]),
}


@pytest.mark.parametrize("name", EQUIVALENTS)
def test_it_equals_the_network_by_hand(name: str) -> None:
    make, samples = EQUIVALENTS[name]
    network, reference = Network(tree(name)), make()

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        made = reference(*inputs)
        return made if isinstance(made, tuple) else (made,)

    assert_same(network, reference, run, samples)


def test_resnet18_has_torchvisions_parameters() -> None:
    assert Network(tree("resnet18")).summary["parameters"] == 11_689_512


def test_kaiming_rules_reach_every_convolution() -> None:
    torch.manual_seed(0)
    model = Network(tree("resnet18")).module
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            fan_out = module.out_channels * module.kernel_size[0] * module.kernel_size[1]
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.05), name


def test_the_first_rule_that_matches_counts() -> None:
    state = Network(tree("gpt")).module.state_dict()
    for name, tensor in state.items():
        if name.endswith("c_proj.weight"):
            assert torch.equal(tensor, torch.full_like(tensor, 0.02 / 6**0.5)), name
        elif name.endswith("bias") and "ln_" not in name:
            assert not tensor.any(), name
        elif "ln_" not in name:
            assert 0.01 < tensor.std() < 0.03, name


def test_rules_reach_the_weights_of_each_layer_and_direction() -> None:
    torch.manual_seed(0)
    state = Network(tree("lstm_classifier")).module.state_dict()
    for direction in ("l0", "l0_reverse", "l1", "l1_reverse"):
        weight = state[f"lstm.weight_hh_{direction}"]
        torch.testing.assert_close(weight.t() @ weight, torch.eye(8))
        assert not state[f"lstm.bias_ih_{direction}"].any()
        assert not state[f"lstm.bias_hh_{direction}"].any()


def test_tied_weights_are_one_parameter() -> None:
    network = Network(tree("gpt"))
    model = network.module
    assert model.get_parameter("lm_head.weight") is model.get_parameter("wte.weight")
    assert network.summary["parameters"] == sum(p.numel() for p in model.parameters())


def analytic(x: Tensor, u: Tensor, v: Tensor) -> list[Tensor]:
    """The derivatives by hand."""
    return [
        x**3 - 7 * x**2 + 11 * x,
        3 * x**2 - 14 * x + 11,
        6 * x - 14,
        3 * u**2 * v - 4 * v**3,
        6 * u * v,
        3 * u**2 - 12 * v**2,
    ]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("requires_grad", [True, False])
def test_derivatives(training: bool, grad: bool, requires_grad: bool) -> None:
    network = Network(tree("derivatives"))
    network.module.train(training)
    inputs = [
        tensor.requires_grad_(requires_grad)
        for tensor in (torch.linspace(-3, 3, 7), torch.tensor(1.5), torch.tensor(-0.5))
    ]
    before = [tensor.detach().clone() for tensor in inputs]
    with torch.set_grad_enabled(grad):
        outputs = network(*inputs)
    for output, wanted in zip(outputs, analytic(*inputs), strict=True):
        torch.testing.assert_close(output, wanted)
    for tensor, old in zip(inputs, before, strict=True):
        assert torch.equal(tensor, old)
        assert tensor.grad is None
        assert tensor.requires_grad == requires_grad


BY_A_VALUE = """
[model]
name = "M"
inputs.x = ["n"]
layers = [
  { name = "h", expr = "2 * x" },
  { name = "y", expr = "h ** 3" },
  { expr = "grad(y, h)" },
]
"""
BY_A_LAYERS_VALUE = """
[model]
name = "M"
inputs.x = ["n", 3]
layers = [
  { name = "h", type = "Identity" },
  { name = "loop", type = "Tanh", repeat = 2 },
  { name = "y", expr = "loop ** 2 + h" },
  { expr = "grad(y, loop) + grad(y, h) + loop" },
]
"""


@pytest.mark.parametrize("grad", [True, False])
def test_derivatives_by_a_value_on_the_way(grad: bool) -> None:
    network = Network(tomli.loads(BY_A_VALUE))
    x = torch.linspace(-1, 1, 5)
    with torch.set_grad_enabled(grad):
        (output,) = network(x)
    torch.testing.assert_close(output, 3 * (2 * x) ** 2)


@pytest.mark.parametrize("grad", [True, False])
def test_derivatives_by_layers_outputs(grad: bool) -> None:
    network = Network(tomli.loads(BY_A_LAYERS_VALUE))
    x = torch.randn(2, 3)
    with torch.set_grad_enabled(grad):
        (output,) = network(x)
    # y is derived by h directly and through the loop.
    h = x.clone().requires_grad_()
    loop = torch.tanh(torch.tanh(h))
    (through,) = torch.autograd.grad((loop**2 + h).sum(), h)
    torch.testing.assert_close(output, 2 * loop.detach() + through + loop.detach())


BY_A_STATE = """
[model]
name = "M"
inputs.x = ["time", 3, 6]
layers = [
  { name = "g", type = "GRU", hidden_size = 5 },
  { name = "y", expr = "g.h_n ** 3 * g[-1:]" },
  { expr = "grad(y, g.h_n) + grad(y, g)[-1:]" },
]
"""


@pytest.mark.parametrize("grad", [True, False])
def test_derivatives_by_one_of_several_outputs(grad: bool) -> None:
    network = Network(tomli.loads(BY_A_STATE))
    x = torch.randn(4, 3, 6)
    with torch.set_grad_enabled(grad):
        (output,) = network(x)
    y, h_n = network.module.get_submodule("g")(x)
    torch.testing.assert_close(output, 3 * h_n**2 * y[-1:] + h_n**3)


VIEWED = """
[model]
name = "M"
inputs.x = ["batch", "time", 6]
layers = [
  { type = "GRU", hidden_size = 4, batch_first = true },
  { expr = "_.view(-1, 2)" },
]
"""


def test_a_view_of_what_lies_in_another_order() -> None:
    network = Network(tomli.loads(VIEWED))
    x = torch.randn(3, 5, 6)
    output, _ = network.module.get_submodule("gru")(x)
    (viewed,) = network(x)
    assert torch.equal(viewed, output.reshape(-1, 2))


def test_rules_reach_modules_inside_a_module() -> None:
    for name, tensor in Network(tree("text_encoder")).module.state_dict().items():
        if name.startswith("encoder.") and ".linear" in name and name.endswith("weight"):
            assert 0.005 < tensor.std().item() < 0.04, name
        elif name.endswith("in_proj_bias"):
            assert torch.equal(tensor, torch.ones_like(tensor)), name
        elif name.endswith("out_proj.bias"):
            assert not tensor.any(), name


def test_rules_by_type_reach_modules_inside_a_module() -> None:
    rules = '[{ match = "Linear.bias", type = "ones_" }, { match = "*.bias", type = "zeros_" }]'
    source = f"""[model]
        name = "M"
        inputs.x = ["time", 4]
        init = {rules}
        layers = [{{ type = "TransformerEncoderLayer", nhead = 2, dim_feedforward = 3 }}]"""
    for name, tensor in Network(tomli.loads(source)).module.state_dict().items():
        if name.endswith(".bias"):
            assert bool(tensor.all()) is ("norm" not in name), name
