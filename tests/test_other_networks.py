"""Networks that no example shows equal the same networks written by hand, bit for bit.

They are public ones, under the names of their published checkpoints, and what papers describe:
the language was made with none of them in mind.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from torch import Tensor, nn

import specc

OTHER = Path(__file__).parent / "specs" / "other"
NAMES = sorted(path.stem for path in OTHER.glob("*.toml"))
PUBLISHED = {
    "clip": 151_277_313,
    "convnext_tiny": 28_589_128,
    "deeplab_v3": 42_004_074,
    "detr": 41_524_768,
    "efficientnet_b0": 5_288_548,
    "inception_v3": 27_161_264,
    "mamba": 129_135_360,
    "mobilenet_v3_small": 2_542_856,
    "nerf": 595_844,
    "regnet_y": 4_344_144,
    "rwkv": 169_342_464,
    "shufflenet_v2": 2_278_604,
    "swin_t": 28_288_354,
}
"""The parameters of those that are published, as torchvision's pages or the papers say."""
HEAVY = {"deeplab_v3", "inception_v3", "detr", "efficientnet_b0"}
Case = tuple[dict[str, Any], Callable[[], list[list[Tensor]]]]


def floats(*shape: int) -> Tensor:
    """Random numbers."""
    return torch.randn(shape)


CASES: dict[str, Case] = {
    "clip": (
        {
            **{"embed_dim": 24, "size": 32, "vision_width": 128, "vision_layers": 2, "patch": 8},
            **{"context": 9, "vocab_size": 50, "text_width": 64, "text_layers": 2},
        },
        lambda: [[floats(2, 3, 32, 32), torch.randint(0, 50, (3, 9))]],
    ),
    "convnext_tiny": (
        {"widths": [8, 16, 24, 32], "depths": [2, 1, 2, 1], "scale": 0.1, "drop_path": 0.5},
        lambda: [[floats(3, 3, 64, 48)], [floats(1, 3, 39, 32)]],
    ),
    "deeplab_v3": ({"classes": 5}, lambda: [[floats(2, 3, 33, 40)]]),
    "detr": (
        {"queries": 5, "hidden": 32, "heads": 2, "depth": 2, "feedforward": 48},
        lambda: [[floats(2, 3, 64, 70), torch.arange(6).view(1, 2, 3).repeat(2, 1, 1) > 4]],
    ),
    "efficientnet_b0": ({"classes": 7}, lambda: [[floats(2, 3, 33, 64)]]),
    "energy": ({}, lambda: [[floats(3, 8)], [floats(1, 8)]]),
    "gat": ({}, lambda: [[floats(9, 12), torch.randint(0, 9, (2, 20))]]),
    "inception_v3": ({"classes": 7}, lambda: [[floats(2, 3, 299, 299)]]),
    "mamba": (
        {"vocab_size": 40, "d_model": 32, "depth": 2, "d_state": 4},
        lambda: [[torch.randint(0, 40, (2, 7))], [torch.randint(0, 40, (1, 1))]],
    ),
    "mobilenet_v3_small": ({"classes": 7}, lambda: [[floats(2, 3, 33, 64)]]),
    "nerf": ({"width": 24}, lambda: [[floats(4, 5, 3), floats(4, 3)]]),
    "perceiver": ({}, lambda: [[floats(3, 6, 3)], [floats(1, 1, 3)]]),
    "pointnet": ({"classes": 5}, lambda: [[floats(3, 3, 6)], [floats(2, 3, 1)]]),
    "regnet_y": (
        {"classes": 7, "widths": [16, 24, 24, 32], "depths": [1, 2, 1, 3]},
        lambda: [[floats(2, 3, 64, 64)], [floats(3, 3, 33, 40)]],
    ),
    "rwkv": (
        {"vocab_size": 40, "width": 16, "depth": 2},
        lambda: [[torch.randint(0, 40, (2, 7))], [torch.randint(0, 40, (1, 1))]],
    ),
    "set_transformer": ({}, lambda: [[floats(3, 7, 2)], [floats(1, 1, 2)]]),
    "shufflenet_v2": ({"classes": 7}, lambda: [[floats(2, 3, 33, 64)], [floats(3, 3, 40, 31)]]),
    "swin_t": (
        {"size": 96, "embed_dim": 12, "depths": [2, 2, 3, 1], "heads": [1, 2, 3, 4], "window": 5},
        lambda: [[floats(2, 3, 96, 96)]],
    ),
    "tab_transformer": ({}, lambda: [[torch.randint(0, 5, (4, 5)), floats(4, 10)]]),
    "tcn": ({"channels": [4, 6, 6]}, lambda: [[floats(2, 2, 20)], [floats(1, 2, 1)]]),
    "vq_vae": ({"codes": 20, "width": 8}, lambda: [[floats(2, 3, 8, 12)]]),
}
"""Params of a small one, and what it is called with."""


def tree(name: str, params: dict[str, Any]) -> dict[str, Any]:
    """One of the specs, with other params."""
    read = tomli.loads((OTHER / f"{name}.toml").read_text("utf-8"))
    read["model"]["params"] |= params
    return read


def by_hand(name: str, params: dict[str, Any]) -> nn.Module:
    """The network of the same name, written by hand."""
    written = import_module(f"reference.other.{name}")
    made: nn.Module = getattr(written, tree(name, {})["model"]["name"])(**params)
    return made


def test_every_network_is_here() -> None:
    assert list(CASES) == NAMES


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_has_as_many_parameters_as_published(name: str) -> None:
    assert specc.compile(tree(name, {})).summary["parameters"] == PUBLISHED[name]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in HEAVY else ()) for name in NAMES]
)
def test_it_equals_the_network_by_hand(name: str) -> None:
    params, samples = CASES[name]
    torch.manual_seed(0)
    network, reference = Network(tree(name, params)), by_hand(name, params)
    with torch.no_grad():
        for parameter in network.module.parameters():
            # A layer that begins with zeros would hide what is before it.
            parameter.add_(0.02 * torch.randn_like(parameter))

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        made = reference(*inputs)
        return made if isinstance(made, tuple) else (made,)

    assert_same(network, reference, run, samples())
    own_tests(network)
