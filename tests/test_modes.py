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


FORMULAS = """
[model]
name = "Formulas"
inputs.x = ["batch", 6]
layers = [
  { name = "a", type = "Wide", active = true },
  { name = "b", type = "Wide", active = false },
]

[blocks.Wide]
params.active = "bool"
layers = [
  { name = "fc", type = "Linear", out_features = 6 },
  { name = "wide", layers = [{ expr = "_ + 1" }, { expr = "tanh(_)" }], when = "not active" },
  { name = "out", expr = "_ * 3" },
]
"""
"""A container of formulas alone, which some uses have."""


def tree(name: str) -> dict[str, Any]:
    """One of the specs beside the tests."""
    if name == "formulas":
        return tomli.loads(FORMULAS)
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
    "formulas": (modes.Formulas, images((3, 6), (2, 6))),
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
        specc.build(tree(name), tmp_path / name)
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


def test_the_summary_says_what_may_be_none() -> None:
    summary = specc.compile(SPECS / "masked.toml").summary
    assert [item.get("optional", False) for item in summary["inputs"]] == [False, True, True]
    summary = specc.compile(SPECS / "aux_heads.toml").summary
    assert [item.get("optional", False) for item in summary["outputs"]] == [False, True, True, True]
    # A pass in eval mode costs nothing in the heads.
    linear = [(8, 8), (8, 8), (8, 3)]
    assert summary["flops"]["expr"] == f"{sum(2 * a * b for a, b in linear)} * batch"


NEEDS = """
[model]
name = "Net"
inputs.x = ["batch", "n"]
layers = [
  { name = "norm", type = "BatchNorm1d", num_features = 3, when = "training", inputs = "x[:, :3]" },
  { name = "cut", expr = "x.narrow(1, 0, 5).sum() if training else x.sum()" },
]
outputs = ["cut", "norm"]
"""


def test_what_training_alone_needs_is_told_apart() -> None:
    needs = specc.compile(NEEDS, format="toml").summary["needs"]
    assert all(need["training_only"] for need in needs), needs
    assert {need["condition"] for need in needs} >= {"n >= 3", "n >= 5"}
