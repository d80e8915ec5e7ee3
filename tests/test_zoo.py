"""The networks of examples/zoo equal the same networks written by hand, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, assert_same_tensor, own_tests, state_of
from torch import Tensor, nn

ZOO = Path(__file__).parent.parent / "examples" / "zoo"
NAMES = sorted(path.stem for path in ZOO.glob("*.toml"))
PARAMETERS = {
    "actor_critic": 1_027,
    "alexnet": 61_100_840,
    "bert": 109_483_778,
    "burgers": 3_021,
    "dcgan_discriminator": 2_765_568,
    "dcgan_generator": 3_576_704,
    "densenet121": 7_978_856,
    "dlrm": 13_073,
    "espcn": 59_657,
    "gcn": 327,
    "googlenet": 6_166_250,
    "gpt2": 124_439_808,
    "gru_tagger": 5_139,
    "lenet5": 61_706,
    "llama": 3_283_200,
    "lstm_language_model": 20_196,
    "mlp_mixer": 19_104_624,
    "mobilenet_v2": 3_504_872,
    "moe": 6_208,
    "neural_ode": 194,
    "realnvp": 3_376,
    "resnet50": 25_557_032,
    "se_resnet18": 11_779_624,
    "siamese": 56_385,
    "squeezenet": 1_235_496,
    "t5": 60_506_624,
    "transformer_translator": 64_050,
    "unet": 17_263_042,
    "vae": 652_824,
    "vgg11": 132_863_336,
    "vit_b_16": 86_567_656,
    "wide_and_deep": 4_963,
}
"""Those of the public models are what torchvision, timm and PyTorch's examples publish."""
HEAVY = {"alexnet", "bert", "gpt2", "vgg11", "vit_b_16", "t5"}


def images(*shape: int) -> list[Tensor]:
    """One input of random numbers."""
    return [torch.randn(shape)]


def words(limit: int, *shape: int) -> Tensor:
    """Indices, of which the first ones are not 0, which may stand for padding."""
    return torch.cat([torch.ones(shape[0], 1).long(), torch.randint(0, limit, shape)[:, 1:]], 1)


def texts(limit: int, batch: int, time: int) -> list[Tensor]:
    """Indices of words, and which of them are no padding: at least the first."""
    lengths = torch.randint(1, time + 1, (batch, 1))
    return [words(limit, batch, time), (torch.arange(time) < lengths).long()]


SAMPLES: dict[str, Callable[[], list[list[Tensor]]]] = {
    "actor_critic": lambda: [images(3, 4), images(1, 4)],
    "alexnet": lambda: [images(2, 3, 63, 70)],
    "bert": lambda: [texts(30522, 2, 9), texts(30522, 1, 1)],
    "burgers": lambda: [[torch.rand(5, 1), torch.rand(5, 1)]],
    "dcgan_discriminator": lambda: [images(2, 3, 64, 64)],
    "dcgan_generator": lambda: [images(2, 100, 1, 1)],
    "densenet121": lambda: [images(2, 3, 33, 64)],
    "dlrm": lambda: [[torch.randn(4, 13), torch.randint(0, 100, (4, 3))]],
    "espcn": lambda: [images(2, 1, 7, 5), images(1, 1, 1, 3)],
    "gcn": lambda: [[torch.randn(9, 12), torch.randint(0, 9, (2, 20))]],
    "googlenet": lambda: [images(2, 3, 32, 32)],
    "gpt2": lambda: [[words(50257, 2, 7)], [words(50257, 1, 1)]],
    "gru_tagger": lambda: [[torch.randint(0, 50, (3, 6))], [torch.randint(0, 50, (1, 1))]],
    "lenet5": lambda: [images(3, 1, 32, 32)],
    "llama": lambda: [[words(1000, 2, 9)], [words(1000, 1, 1)]],
    "lstm_language_model": lambda: [
        [torch.randint(0, 100, (5, 3)), torch.randn(2, 3, 32), torch.randn(2, 3, 32)]
    ],
    "mlp_mixer": lambda: [images(1, 3, 224, 224)],
    "mobilenet_v2": lambda: [images(2, 3, 33, 64)],
    "moe": lambda: [images(2, 5, 16), images(1, 1, 16)],
    "neural_ode": lambda: [images(3, 2), images(1, 2)],
    "realnvp": lambda: [images(5, 6), images(1, 6)],
    "resnet50": lambda: [images(2, 3, 33, 64)],
    "se_resnet18": lambda: [images(2, 3, 48, 40)],
    "siamese": lambda: [[torch.randn(2, 1, 28, 28), torch.randn(2, 1, 28, 28)]],
    "squeezenet": lambda: [images(2, 3, 34, 47)],
    "t5": lambda: [[words(32128, 2, 9), words(32128, 2, 4)]],
    "transformer_translator": lambda: [
        [words(40, 3, 5), words(50, 3, 4)],
        [words(40, 2, 64), words(50, 2, 1)],
    ],
    "unet": lambda: [images(2, 3, 32, 16)],
    "vae": lambda: [images(3, 1, 28, 28)],
    "vgg11": lambda: [images(2, 3, 32, 40)],
    "vit_b_16": lambda: [images(1, 3, 224, 224)],
    "wide_and_deep": lambda: [
        [
            torch.randint(0, 9, (4,)),
            torch.randint(0, 15, (4,)),
            torch.randint(0, 42, (4,)),
            torch.randint(0, 1000, (4, 3)),
            torch.randn(4, 5),
        ]
    ],
}


def tree(name: str) -> dict[str, Any]:
    """One of the specs."""
    return tomli.loads((ZOO / f"{name}.toml").read_text("utf-8"))


def by_hand(name: str, **arguments: int) -> nn.Module:
    """The network of the same name, written by hand."""
    written = import_module(f"reference.zoo.{name}")
    made: nn.Module = getattr(written, tree(name)["model"]["name"])(**arguments)
    return made


def compare(network: Network, reference: nn.Module, samples: list[list[Tensor]]) -> None:
    """Outputs, gradients and statistics are the same, whatever the weights."""
    with torch.no_grad():
        for parameter in network.module.parameters():
            # A layer that begins with zeros would hide what is before it.
            parameter.add_(0.02 * torch.randn_like(parameter))

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        made = reference(*inputs)
        return made if isinstance(made, tuple) else (made,)

    assert_same(network, reference, run, samples)


def test_every_network_is_here() -> None:
    assert list(PARAMETERS) == list(SAMPLES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_checkpoints_fit(name: str) -> None:
    with torch.device("meta"):
        network, reference = Network(tree(name)), by_hand(name)
    parameters = network.module.parameters()
    assert network.summary["parameters"] == PARAMETERS[name] == sum(p.numel() for p in parameters)
    assert state_of(network.module) == state_of(reference)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in HEAVY else ()) for name in NAMES]
)
def test_it_equals_the_network_by_hand(name: str) -> None:
    torch.manual_seed(0)
    network = Network(tree(name))
    torch.manual_seed(0)
    reference = by_hand(name)
    for (key, one), other in zip(
        network.module.state_dict().items(), reference.state_dict().values(), strict=True
    ):
        assert_same_tensor(one, other, f"first values of {key}")
    compare(network, reference, SAMPLES[name]())
    own_tests(network)


SMALL: dict[str, tuple[dict[str, int], Callable[[], list[list[Tensor]]]]] = {
    "bert": (
        {"vocab_size": 100, "hidden_size": 32, "depth": 2, "heads": 4, "intermediate_size": 64},
        lambda: [texts(100, 2, 16), texts(100, 1, 1)],
    ),
    "gpt2": (
        {"vocab_size": 65, "block_size": 64, "n_embd": 32, "n_head": 4, "n_layer": 2},
        lambda: [[words(65, 2, 16)], [words(65, 1, 1)]],
    ),
    "t5": (
        {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
        lambda: [[words(100, 2, 16), words(100, 2, 8)], [words(100, 1, 1), words(100, 1, 200)]],
    ),
    "vit_b_16": ({"size": 32, "width": 48}, lambda: [images(2, 3, 32, 32)]),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_one_equals_the_one_by_hand(name: str) -> None:
    params, samples = SMALL[name]
    small = tree(name)
    small["model"]["params"] |= params
    compare(Network(small), by_hand(name, **params), samples())


@pytest.mark.parametrize("name", SMALL)
def test_callers_may_make_a_small_one(name: str) -> None:
    params, samples = SMALL[name]
    network = Network(tree(name))
    network.module = getattr(network.package, tree(name)["model"]["name"])(**params)
    compare(network, by_hand(name, **params), samples())
