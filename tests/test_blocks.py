"""Networks of blocks equal the same networks written by hand, bit for bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from reference import blocks
from torch import Tensor, nn

import specc

ROOT = Path(__file__).parent.parent
SPECS = Path(__file__).parent / "specs"
RUFF = ROOT / "templates" / "runtime" / "ruff.toml"


def tree(name: str) -> dict[str, Any]:
    """One of the specs beside the tests."""
    return tomli.loads((SPECS / f"{name}.toml").read_text("utf-8"))


def normal(*shapes: tuple[int, ...]) -> list[Tensor]:
    """Random numbers of some shapes."""
    return [torch.randn(shape) for shape in shapes]


EQUIVALENTS: dict[str, tuple[Callable[[], nn.Module], list[list[Tensor]]]] = {
    "chosen": (blocks.Chosen, [normal((2, 3, 8, 9)), normal((3, 3, 5, 4))]),
}


@pytest.mark.parametrize("name", EQUIVALENTS)
def test_it_equals_the_network_by_hand(name: str) -> None:
    make, samples = EQUIVALENTS[name]
    network, reference = Network(tree(name)), make()

    def run(*inputs: Tensor) -> tuple[Tensor, ...]:
        made = reference(*inputs)
        return made if isinstance(made, tuple) else (made,)

    assert_same(network, reference, run, samples)
    own_tests(network)


@pytest.mark.parametrize("name", EQUIVALENTS)
def test_first_values_are_drawn_as_by_hand(name: str) -> None:
    torch.manual_seed(0)
    mine = Network(tree(name)).module.state_dict()
    torch.manual_seed(0)
    theirs = EQUIVALENTS[name][0]().state_dict()
    assert all(torch.equal(mine[key], theirs[key]) for key in theirs)


def test_the_output_is_clean(tmp_path: Path) -> None:
    """Formatted, linted and typed as all that is built."""
    for name in EQUIVALENTS:
        specc.build(SPECS / f"{name}.toml", tmp_path / name)
    tools = (
        ("ruff", "format", "--check", "--diff", "--config", RUFF, tmp_path),
        ("ruff", "check", "--config", RUFF, tmp_path),
        ("mypy", "--strict", "--python-version", "3.11", tmp_path),
    )
    for tool in tools:
        command = [sys.executable, "-m", *map(str, tool)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_module_param_takes_any_class_that_fits() -> None:
    network = Network(tree("chosen"))
    made = network.package.Chosen(act=partial(nn.ELU, alpha=0.5))
    assert [type(made.last), type(made.a.relu), made.a.relu.alpha] == [nn.ELU, nn.ELU, 0.5]
    assert [type(made.c.relu), type(made.c.bn1)] == [nn.LeakyReLU, nn.Identity]


def test_a_module_param_is_set_on_the_command_line() -> None:
    compiled = specc.compile(SPECS / "chosen.toml", settings=["act=Tanh"])
    assert "act: Callable[..., nn.Module] = nn.Tanh" in compiled.files["model.py"]
    assert {layer["type"] for layer in compiled.summary["layers"]} >= {"Tanh", "GELU", "SiLU"}
