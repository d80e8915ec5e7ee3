"""Public networks as recorded: parameters, names and shapes of checkpoints, ties, outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, state_of
from torch_fixtures import FIXTURES, needs_fixtures

pytestmark = needs_fixtures
ROOT = Path(__file__).parent.parent
ZOO = ROOT / "examples" / "zoo"
OWN = Path(__file__).parent / "specs" / "architectures"
SPECS: dict[str, tuple[Path, dict[str, Any]]] = {
    "tv:alexnet": (ZOO / "alexnet.toml", {}),
    "tv:vgg11": (ZOO / "vgg11.toml", {}),
    "tv:squeezenet1_1": (ZOO / "squeezenet.toml", {}),
    "tv:resnet18": (ROOT / "examples" / "resnet18.toml", {}),
    "tv:mobilenet_v2": (ZOO / "mobilenet_v2.toml", {}),
    "tv:vit_b_16": (ZOO / "vit_b_16.toml", {}),
    "timm:mixer_s32_224": (ZOO / "mlp_mixer.toml", {}),
    "timm:seresnet18": (ZOO / "se_resnet18.toml", {}),
    "hf:gpt2": (OWN / "hf_gpt2.toml", {}),
    "hf:bert_cls": (
        ZOO / "bert.toml",
        {
            **{"vocab_size": 100, "hidden_size": 32, "depth": 2, "heads": 4, "longest": 64},
            **{"intermediate_size": 64, "labels": 3},
        },
    ),
    "hf:t5": (
        ZOO / "t5.toml",
        {"vocab_size": 100, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
    ),
    "hf:vit": (OWN / "hf_vit.toml", {}),
    "cifar:LeNet": (OWN / "cifar_lenet.toml", {}),
    "cifar:VGG16": (OWN / "cifar_vgg16.toml", {}),
    "cifar:ResNet18": (OWN / "cifar_resnet18.toml", {}),
    "cifar:GoogLeNet": (ZOO / "googlenet.toml", {}),
    "cifar:MobileNetV2": (OWN / "cifar_mobilenet_v2.toml", {}),
    "nanoGPT": (
        ZOO / "gpt2.toml",
        {"vocab_size": 65, "block_size": 64, "n_embd": 32, "n_head": 4, "n_layer": 2},
    ),
    "unet:bilinear": (ZOO / "unet.toml", {}),
    "ex:mnist": (OWN / "mnist.toml", {}),
    "ex:vae": (ZOO / "vae.toml", {}),
    "ex:super_resolution": (ZOO / "espcn.toml", {}),
    "ex:wlm_LSTM": (ZOO / "lstm_language_model.toml", {}),
    "ex:rl_actor_critic": (ZOO / "actor_critic.toml", {}),
}


def recorded() -> dict[str, dict[str, Any]]:
    """The rows by their ids; none where the fixtures are not at hand."""
    path = FIXTURES / "architectures.json"
    rows = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return {row["id"]: row for row in rows}


ROWS = recorded()


def tensors(value: Any) -> Iterator[dict[str, Any]]:
    """The tensors in a recorded value, in order."""
    if isinstance(value, list):
        for item in value:
            yield from tensors(item)
    elif "shape" in value:
        yield value
    elif "seq" in value:
        yield from tensors(value["items"])
    elif "py" not in value:
        yield from tensors(list(value.get("dict", value).values()))


def made(row: dict[str, Any]) -> torch.Tensor:
    """An input of the recorded shape."""
    dtype = getattr(torch, row["dtype"])
    if dtype.is_floating_point:
        return torch.randn(row["shape"])
    return torch.ones(row["shape"], dtype=dtype)


def spec(id: str) -> dict[str, Any]:
    """The spec of a recorded network."""
    path, params = SPECS[id]
    tree = tomli.loads(path.read_text("utf-8"))
    if params:
        tree["model"]["params"] |= params
    if id == "nanoGPT":
        # Without targets, it says what comes after the last token alone.
        tree["model"]["layers"][-1]["inputs"] = "transformer[:, -1:]"
    return tree


def test_every_network_is_here() -> None:
    assert SPECS.keys() == ROWS.keys()


@pytest.mark.parametrize("id", ROWS)
def test_it_is_as_recorded(id: str) -> None:
    row = ROWS[id]
    network = Network(spec(id))
    assert network.summary["parameters"] == row["n_params"]
    state = {name: list(shape) for name, shape, _ in state_of(network.module)}
    assert state == row["state_dict"]
    pointers: dict[int, set[str]] = {}
    for name, parameter in network.module.named_parameters(remove_duplicate=False):
        pointers.setdefault(id_of(parameter), set()).add(name)
    tied = {frozenset(names) for names in pointers.values() if len(names) > 1}
    assert tied == {frozenset(names) for names in row["tied"]}
    inputs = [made(one) for one in tensors([*row["inputs"], row["input_kwargs"]])]
    with torch.no_grad():
        outputs = network(*inputs)
    shapes = [(list(one.shape), str(one.dtype).removeprefix("torch.")) for one in outputs]
    assert shapes == [(one["shape"], one["dtype"]) for one in tensors(row["output"])]


def id_of(parameter: torch.Tensor) -> int:
    """What two names of one tensor share."""
    return parameter.data_ptr()
