"""Recurrences and repeats of containers that are no chains equal loops written by hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from loop_cases import CASES
from reference import loops
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import specc

SPECS = tomli.loads((Path(__file__).parent / "specs" / "loops.toml").read_text("utf-8"))
TOOLS = Path(sys.executable).parent
RUFF = Path(__file__).parent.parent / "templates" / "runtime" / "ruff.toml"


def normal(*shapes: tuple[int, ...]) -> list[Tensor]:
    """Random numbers of some shapes."""
    return [torch.randn(shape) for shape in shapes]


def words(*shape: int) -> list[Tensor]:
    """Random words of eleven."""
    return [torch.randint(0, 11, shape)]


SAMPLES: dict[str, tuple[type[nn.Module], Sequence[list[Tensor]]]] = {
    "OwnLSTM": (loops.OwnLSTM, [normal((3, 4, 6)), normal((1, 1, 6)), normal((2, 9, 6))]),
    "Decoder": (loops.Decoder, [normal((3, 5, 8)), normal((1, 1, 8))]),
    "Stacked": (loops.Stacked, [normal((3, 4, 8)), normal((2, 1, 8))]),
    "SelectiveScan": (loops.SelectiveScan, [normal((3, 4, 8)), normal((2, 1, 8))]),
    "Nested": (loops.Nested, [normal((3, 4, 2, 4)), normal((1, 1, 1, 4)), normal((2, 1, 5, 4))]),
    "Leapfrog": (loops.Leapfrog, [normal((3, 3), (3, 3))]),
    "NeuralODE": (loops.NeuralODE, [normal((3, 3)), normal((1, 3))]),
    "Prefixes": (loops.Prefixes, [normal((3, 4, 3)), normal((1, 1, 3)), normal((1, 16, 3))]),
    "PreNorm": (loops.PreNorm, [words(3, 4), words(1, 1)]),
    "Widening": (loops.Widening, [normal((3, 4)), normal((1, 4))]),
    "Universal": (loops.Universal, [normal((3, 6))]),
    "Blocks": (loops.Blocks, [normal((3, 4, 3)), normal((1, 1, 3))]),
    "Forces": (loops.Forces, [normal((3, 3)), normal((1, 3))]),
}


def test_every_network_is_compared() -> None:
    assert SAMPLES.keys() == SPECS.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_it_equals_the_loop_by_hand(name: str) -> None:
    make, samples = SAMPLES[name]
    network, reference = Network(SPECS[name]), make()

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        made: tuple[Tensor, ...] = reference(*inputs)
        return made

    assert_same(network, reference, run, samples)


def sizes_of(network: Network, sample: Sequence[Tensor]) -> dict[str, int]:
    """What the sizes of a network are for some inputs."""
    found: dict[str, int] = {}
    for item, tensor in zip(network.summary["inputs"], sample, strict=True):
        pairs = zip(item["shape"], tensor.shape, strict=True)
        found |= {size: seen for size, seen in pairs if isinstance(size, str)}
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_sizes_are_as_promised(name: str) -> None:
    network = Network(SPECS[name])
    for sample in SAMPLES[name][1]:
        sizes = sizes_of(network, sample)
        for item, output in zip(network.summary["outputs"], network(*sample), strict=True):
            assert [eval(str(size), dict(sizes)) for size in item["shape"]] == list(output.shape)
            assert item["dtype"] == str(output.dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "Forces"])
def test_the_cost_is_that_of_all_times(name: str) -> None:
    network = Network(SPECS[name])
    for sample in SAMPLES[name][1]:
        with FlopCounterMode(display=False) as counter:
            network(*sample)
        flops = eval(network.summary["flops"]["expr"], dict(sizes_of(network, sample)))
        assert flops == counter.get_total_flops()


@pytest.mark.parametrize("name", SAMPLES)
def test_its_own_tests_pass(name: str) -> None:
    own_tests(Network(SPECS[name]))


def clean(folder: Path, trees: Sequence[dict[str, Any]]) -> None:
    """Builds packages, which linter, formatter and type checker find nothing in."""
    names = [tree["model"]["name"].lower() for tree in trees]
    for name, tree in zip(names, trees, strict=True):
        specc.build(tree, folder / name)
    for command in (
        ["ruff", "check", "--config", str(RUFF), "."],
        ["ruff", "format", "--check", "--config", str(RUFF), "."],
        ["mypy", "--strict", "--no-error-summary", *(f"-p{name}" for name in names)],
    ):
        found = subprocess.run(
            [TOOLS / command[0], *command[1:]], cwd=folder, capture_output=True, text=True
        )
        assert found.returncode == 0, found.stdout + found.stderr


def test_the_packages_are_typed_and_in_order(tmp_path: Path) -> None:
    clean(tmp_path, list(SPECS.values()))


def test_an_lstm_of_ones_own_is_torchs() -> None:
    network = Network(SPECS["OwnLSTM"])
    lstm = nn.LSTM(6, 5, batch_first=True)
    state = network.module.state_dict()
    lstm.load_state_dict(
        {
            f"{kind}_{gate}_l0": state[f"steps.{gate}.{kind}"]
            for kind in ("weight", "bias")
            for gate in ("ih", "hh")
        }
    )
    x = torch.randn(3, 7, 6)
    output, (h_n, c_n) = lstm(x)
    for mine, torchs in zip(network(x), (output, h_n[0], c_n[0]), strict=True):
        torch.testing.assert_close(mine, torchs)


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_loop_that_it_says(name: str) -> None:
    text, meaning = CASES[name]
    tree = tomli.loads(f'[model]\nname = "Net"\ninputs.x = ["batch", "time", 4]\n{text}')
    network = Network(tree)
    samples = [normal((3, 5, 4)), normal((1, 1, 4)), normal((2, 2, 4))]
    assert_same(network, network.module, lambda x: meaning(network.module, x), samples)
    own_tests(network)
    for sample in samples:
        sizes = sizes_of(network, sample)
        for item, output in zip(network.summary["outputs"], network(*sample), strict=True):
            assert [eval(str(size), dict(sizes)) for size in item["shape"]] == list(output.shape)


def test_the_cases_are_typed_and_in_order(tmp_path: Path) -> None:
    trees = [
        tomli.loads(f'[model]\nname = "Net{place}"\ninputs.x = ["batch", "time", 4]\n{text}')
        for place, (text, _) in enumerate(CASES.values())
    ]
    clean(tmp_path, trees)
