"""Networks of blocks equal the same networks written by hand, bit for bit."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests, state_of
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
    "rotary": (blocks.Rotary, [normal((2, 5, 32)), normal((1, 16, 32))]),
    "declared": (blocks.Declared, [normal((2, 6), (4, 6), (2, 5)), normal((1, 6), (1, 6), (1, 5))]),
    "defaults": (blocks.Defaults, [normal((3, 8)), normal((1, 8))]),
    "inside": (blocks.Inside, [normal((3, 8)), normal((2, 8))]),
    "parametrized": (blocks.Parametrized, [normal((2, 1, 7)), normal((1, 1, 1))]),
    "recomputed": (blocks.Recomputed, [normal((2, 6, 8)), normal((1, 6, 8))]),
    "stacked": (blocks.Stacked, [normal((2, 3, 5, 4)), normal((1, 3, 1, 2))]),
    "tied": (blocks.Tied, [normal((3, 8)), normal((1, 8))]),
    "wavenet": (blocks.WaveNet, [[x.double() for x in normal((2, 1, 9))]]),
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


def test_a_sequential_block_is_a_sequence() -> None:
    model = Network(tree("stacked")).module
    assert isinstance(model.get_submodule("stem"), nn.Sequential)
    types = [type(layer).__name__ for layer in model.get_submodule("body.0").children()]
    assert types == ["Conv2d", "BatchNorm2d", "ReLU", "Dropout", "Conv2d", "Conv2d"]


REQUIRING = """
[model]
name = "Requiring"
params = { width = 16, heads = 4, context = 8 }
require = ["width % heads == 0", "context > 1 or width > 8"]
inputs.x = { shape = ["batch", "time", "width"], where = "time <= context" }
layers = [
  { type = "Heads", heads = 2, keep = true },
  { name = "other", type = "Heads", heads = 4, inputs = "x[..., :8]" },
]

[blocks.Heads]
params = { heads = "int", size = "x.shape[2] // heads" }
require = ["heads > 0", "x.shape[2] % heads == 0", "not size > 8"]
layers = [{ expr = "x.unflatten(2, (heads, size))" }]
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"width": 18}, "width % heads == 0"),
        ({"context": 1, "width": 8}, "context > 1 or width > 8"),
        ({"width": 32}, "not size > 8"),
    ],
)
def test_what_a_model_requires_is_guarded(arguments: dict[str, int], said: str) -> None:
    network = Network(tomli.loads(REQUIRING))
    with pytest.raises(ValueError, match=f"^{re.escape(said)} is required$"):
        network.package.Requiring(**arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"x_size2": 16, "heads": 0}, "heads > 0"),
        ({"x_size2": 16, "heads": 3}, "x_size2 % heads == 0"),
        ({"x_size2": 18, "heads": 2}, "not size > 8"),
        ({"x_size2": 12, "heads": 3}, None),
    ],
)
def test_what_a_block_requires_is_guarded(arguments: dict[str, int], said: str | None) -> None:
    network = Network(tomli.loads(REQUIRING))
    if said is None:
        assert network.package.model.Heads(**arguments)(torch.ones(2, 3, 12)).shape == (2, 3, 3, 4)
        return
    with pytest.raises(ValueError, match=f"^{re.escape(said)} is required$"):
        network.package.model.Heads(**arguments)


def test_requirements_and_conditions_are_shown() -> None:
    network = Network(tomli.loads(REQUIRING))
    assert network.summary["where"] == ["time <= 8"]
    assert network.summary["requires"] == [
        {"block": None, "condition": "width % heads == 0"},
        {"block": None, "condition": "context > 1 or width > 8"},
        {"block": "Heads", "condition": "heads > 0"},
        {"block": "Heads", "condition": "x.shape[2] % heads == 0"},
        {"block": "Heads", "condition": "not size > 8"},
    ]
    model, block = network.package.Requiring.__doc__, network.package.model.Heads.__doc__
    assert "Needs:\n        time <= context\n" in model
    assert "Requires:\n        width % heads == 0\n        context > 1 or width > 8" in model
    assert "Requires:\n        heads > 0\n        x_size2 % heads == 0" in block


def test_a_blocks_condition_on_sizes_is_part_of_the_interface() -> None:
    spec = tomli.loads(
        """
        [model]
        name = "Net"
        inputs.x = ["batch", "time"]
        layers = ["Shortened"]
        [blocks.Shortened]
        inputs.x = { shape = ["rows", "columns"], where = ["columns >= 3", "rows > 1"] }
        layers = [{ expr = "x * 2" }]
        """
    )
    needs = [need["condition"] for need in Network(spec).summary["needs"]]
    assert needs == ["time >= 3", "batch >= 2"]


def test_a_functions_name_is_its_own() -> None:
    """Whatever else is called so: values, variables of forward, builtins of Python."""
    spec = tomli.loads(
        """
        [model]
        name = "Names"
        inputs.x = ["batch", 6]
        layers = [
          { name = "twice", expr = "Twice(x) + Sum(x) + Out(x) + Lambda(x) + X(x)" },
          { type = "Tanh" },
          { name = "fc", type = "Linear", out_features = 6, inputs = "Twice(_) + Out(twice)" },
          { name = "entry", type = "Twice", inputs = "fc" },
        ]
        [blocks.Twice]
        layers = [{ expr = "2 * x" }]
        [blocks.Sum]
        layers = [{ expr = "x.sum(dim=1, keepdim=True)" }]
        [blocks.Out]
        layers = [{ expr = "x - 1" }]
        [blocks.Lambda]
        layers = [{ expr = "x / 2" }]
        [blocks.X]
        layers = [{ expr = "-x" }]
        """
    )
    network = Network(spec)
    x = torch.randn(3, 6)
    total = 2 * x + x.sum(dim=1, keepdim=True) + x - 1 + x / 2 - x
    linear = network.module.get_submodule("fc")
    expected = 2 * linear(2 * total.tanh() + total - 1)
    torch.testing.assert_close(network(x), (expected,))


def test_a_function_costs_what_it_computes() -> None:
    spec = """
        [model]
        name = "Cost"
        inputs.x = ["batch", 4, 4]
        layers = [
          { name = "once", expr = "Square(x)" },
          { name = "b", type = "Inner" },
          { expr = "b(Square(_))" },
        ]
        [blocks.Square]
        layers = [{ expr = "x @ x" }]
        [blocks.Inner]
        layers = [{ expr = "x @ x" }]
        """
    flops = specc.compile(spec, format="toml").summary["flops"]["expr"]
    assert flops == "512 * batch"


def test_buffers_are_memory_of_their_own() -> None:
    """A checkpoint can be loaded into those that are views of others, or of repeated numbers."""
    spec = tomli.loads(
        """
        [model]
        name = "Shared"
        inputs.x = ["batch", 3]
        layers = [
          { name = "wide", type = "Buffer", value = "arange(3.0).expand(2, 3)" },
          { name = "same", type = "Buffer", value = "wide" },
          { name = "part", type = "Buffer", value = "same.t()[:2] if True else wide.t()[:2]" },
          { name = "weight", type = "Parameter", value = "part[:, 0]" },
          { expr = "x @ wide.t() + same.sum() + part.sum() + weight" },
        ]
        """
    )
    module = Network(spec).module
    own = {tensor.untyped_storage().data_ptr() for tensor in module.state_dict().values()}
    assert len(own) == len(module.state_dict()) == 4
    module.load_state_dict({name: torch.ones_like(t) for name, t in module.state_dict().items()})
    assert all(bool((tensor == 1).all()) for tensor in module.state_dict().values())


def test_recomputed_layers_run_again_in_the_backward_pass() -> None:
    module = Network(tree("recomputed")).module
    runs: dict[str, int] = {}

    def count(name: str, *_: object) -> None:
        runs[name] = runs.get(name, 0) + 1

    for name in ("first", "body.0", "layers.2", "stack.0.mix", "stack.1"):
        module.get_submodule(name).register_forward_pre_hook(partial(count, name))
    output = module(torch.randn(2, 6, 8))
    assert set(runs.values()) == {1}
    output.sum().backward()
    assert runs == {"first": 2, "body.0": 2, "layers.2": 2, "stack.0.mix": 2, "stack.1": 1}


@pytest.mark.parametrize("arguments", [{"width": 6}, {"width": 6, "hidden": 10}, {"hidden": 6}])
def test_defaults_follow_what_is_given(arguments: dict[str, int]) -> None:
    mine = Network(tree("defaults")).package.Defaults(**arguments)
    assert state_of(mine) == state_of(blocks.Defaults(**arguments))


def test_defaults_follow_what_is_set() -> None:
    spec = SPECS / "defaults.toml"
    shapes = [
        entry["shape"]
        for setting in ("width=6", "hidden=10")
        for entry in specc.compile(spec, settings=[setting]).summary["state_dict"]
        if entry["name"] in ("b.up.weight", "c.weight")
    ]
    assert shapes == [[12, 6], [48, 6], [5, 8], [20, 8]]


def over(widths: str) -> dict[str, Any]:
    """Two uses of a block that drops where it is wide, and that knows of a param's module."""
    return tomli.loads(f"""
        [model]
        name = "Net"
        inputs.x = ["batch", "8*h"]
        layers = ["Wide", {{ expr = "{widths}" }}, "Wide"]
        [blocks.Wide]
        params.act = {{ type = "module", default = "ReLU" }}
        layers = ["act", {{ type = "Dropout", when = "x.shape[1] > 4" }}]
    """)


def test_a_size_that_varies_is_no_argument() -> None:
    network = Network(over("_ * 2"))
    assert "x_channels=" not in network.files["model.py"]
    own_tests(network)
    (problem,) = specc.check(over("_[:, :3]"))
    assert (problem.code, problem.where) == ("uses-differ", "blocks.Wide.layers[1].when")


@pytest.mark.parametrize(("function", "is_reached"), [("argmax(-1) / 2", False), ("tanh()", True)])
def test_gradients_pass_where_a_function_lets_them(function: str, is_reached: bool) -> None:
    spec = f"""
        [model]
        name = "Net"
        inputs.x = ["batch", 8]
        layers = [{{ name = "fc", type = "Linear", out_features = 4 }}, {{ expr = "Place(_)" }},
            {{ name = "scale", type = "Parameter", shape = [], init = "ones_" }},
            {{ expr = "_ * scale" }}]
        [blocks.Place]
        layers = [{{ expr = "_.{function}" }}]
    """
    network = Network(tomli.loads(spec))
    own_tests(network)
    network(torch.randn(2, 8))[0].sum().backward()
    assert (network.module.fc.weight.grad is not None) == is_reached  # type: ignore[union-attr]
    assert ("reaches every parameter" in network.files["test_net.py"]) == is_reached


def test_a_constant_that_is_divided_by_a_param_is_said_in_the_callers_words() -> None:
    spec = """
        [model]
        name = "Net"
        params = { width = 12, heads = 3 }
        inputs.x = ["batch", "time", 5]
        layers = [{ type = "Linear", out_features = "width" }, "Heads",
            { name = "fc", type = "Linear", out_features = 2 }]
        [blocks.Heads]
        params.head_dim = "width // heads"
        layers = [{ expr = "_.unflatten(-1, (heads, head_dim)).relu().flatten(2)" }]
    """
    package = Network(tomli.loads(spec)).package
    network = package.Net(width=20, heads=4)
    assert network.fc.in_features == 20
    assert network(torch.randn(2, 3, 5)).shape == (2, 3, 2)


@pytest.mark.parametrize("read", ["body.last", "body.last.h_n", "body.last.weight_ih_l0"])
def test_what_is_read_inside_a_container_is_read_of_it(read: str) -> None:
    spec = f"""
        [model]
        name = "Net"
        inputs.x = ["batch", "time", 6]
        layers = [{{ name = "outer", layers = [{{ name = "body", layers = [
            {{ type = "Linear", out_features = 6 }},
            {{ name = "last", type = "GRU", hidden_size = 6 }}] }}] }},
            {{ expr = "outer.{read}.sum() + x" }}]
    """
    own_tests(Network(tomli.loads(spec)))


def test_earlier_times_of_a_container_are_reached_through_what_later_ones_take() -> None:
    spec = """
        [model]
        name = "Net"
        inputs.x = ["batch", "time", "8*h", 1]
        layers = [{ name = "offset", type = "Buffer", value = [[0.5]] },
            { name = "moved", expr = "_ + offset" },
            { name = "twice", repeat = 2, layers = [{ expr = "grad(_, moved)" }, "LayerNorm"] },
            { expr = "offset - _" }]
    """
    own_tests(Network(tomli.loads(spec)))
