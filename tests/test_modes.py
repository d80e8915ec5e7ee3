"""What is known only when a model runs: whether it trains, and what it is given."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from reference import modes
from torch import Tensor, nn

import specc

ROOT = Path(__file__).parent.parent
SPECS = Path(__file__).parent / "specs"
RUFF = ROOT / "templates" / "runtime" / "ruff.toml"


def tree(name: str) -> dict[str, Any]:
    """One of the specs beside the tests."""
    return tomli.loads((SPECS / f"{name}.toml").read_text("utf-8"))


def tokens(batch: int, time: int) -> list[Tensor]:
    """Tokens, their padding and a bias."""
    padding = torch.arange(time) >= torch.randint(1, time + 1, (batch, 1))
    return [torch.randn(batch, time, 8), padding, torch.randn(2, time, time)]


def images(*shapes: tuple[int, ...]) -> list[list[Tensor]]:
    """One random input for each shape."""
    return [[torch.randn(shape)] for shape in shapes]


EQUIVALENTS: dict[str, tuple[Callable[[], nn.Module], list[list[Tensor]]]] = {
    "masked": (modes.Masked, [tokens(3, 5)[:n] for n in (1, 2, 3)] + [tokens(1, 1)]),
    "inverted": (modes.Inverted, images((2, 3, 8, 9), (3, 3, 5, 4))),
    "present": (modes.Present, images((3, 8), (2, 8))),
    "aux_heads": (modes.AuxHeads, images((3, 8), (2, 8))),
}


@pytest.mark.parametrize("name", EQUIVALENTS)
def test_it_equals_the_network_by_hand(name: str) -> None:
    make, samples = EQUIVALENTS[name]
    network, reference = Network(tree(name)), make()

    def run(*inputs: Tensor) -> tuple[Any, ...]:
        made = reference(*inputs)
        return made if isinstance(made, tuple) else (made,)

    assert_same(network, reference, run, samples)
    own_tests(network)


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


DECIDED = """
[model]
name = "Net"
params = { width = 8, use_aux = true }
inputs.x = ["batch", "width"]
layers = [
  { name = "aux", type = "Linear", out_features = "width", when = "use_aux" },
  { name = "a", type = "Block", deep = false, wide = 3 },
  { name = "b", type = "Block", deep = false, wide = 5, inputs = "aux if use_aux else a[9, 9, 9]" },
  { expr = "a + b" },
]

[blocks.Block]
params = { deep = "bool", wide = "int", rate = 0.0 }
layers = [
  { name = "y", type = "Linear", out_features = "width" },
  { name = "more", type = "Linear", out_features = "wide * width", when = "deep" },
  { expr = "dropout(more, rate, training=training) if rate > 0 else more" },
]
"""


def test_what_only_decides_at_build_is_no_argument() -> None:
    network = Network(tomli.loads(DECIDED))
    assert signature(network.package.Net).parameters.keys() == {"width"}
    assert signature(
        import_module(f"{network.package.__name__}.model").Block
    ).parameters.keys() == {"width"}
    code = network.files["model.py"]
    assert "training" not in code
    assert " if " not in code
