"""Repeats: each network held to the interpreter, and its code to what one would write by hand."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, assert_same_tensor, own_tests, state_of
from reference_interpreter import Interpreter
from repeat_networks import NETWORKS
from test_properties import RUFF, STYLE, tool

import specc

CODE = {
    "sizes from a list": """
        self.layers = nn.ModuleList()
        in_features = 6
        for index in range(len(widths)):
            self.layers.append(nn.Linear(in_features, widths[index]))
            in_features = widths[index]
        self.head = nn.Linear(in_features, 2)
    """,
    "numbers that vary and sizes that do not": """
        self.layers = nn.ModuleList(
            Layer(rate=rate * index / (depth - 1)) for index in range(depth)
        )
    """,
    "stages of blocks": """
        self.blocks = nn.ModuleList()
        for index in range(depth):
            self.blocks.append(
                Basic(
                    in_channels=in_channels,
                    channels=channels,
                    stride=stride if index == 0 else 1,
                )
            )
            in_channels = channels
    """,
    "dense connections": """
        for _ in range(depth):
            self.layers.append(DenseLayer(in_features=in_features, growth=growth))
            in_features += growth
        self.squeeze = nn.Linear(in_features, in_features // 2)
    """,
    "a size without a formula": """
        self.layers = nn.ModuleList(
            Layer(in_features=in_features) for in_features in (6, 4, 2)
        )
    """,
    "repeats in a repeat": """
        self.stages = nn.ModuleList()
        in_features = 6
        for index in range(2):
            layers: list[nn.Module] = []
            features = in_features
            for inner_index in range(2):
                layers.append(nn.Linear(features, 8 + inner_index))
                features = 8 + inner_index
            self.stages.append(
                nn.Sequential(*layers, nn.ReLU(), nn.Linear(features, 4 * (index + 1)))
            )
            in_features = 4 * (index + 1)
        self.tail = nn.ModuleList()
    """,
    "names that are templates": """
        for index in range(depth):
            self.add_module(f"fc{index + first}", nn.Linear(6, 6))
        self.tanh = nn.Tanh()
    """,
    "names that are templates beside layers without names": """
        self.dense_1 = Dense(in_features=6)
        for index in range(2):
            self.add_module(f"dense{index + 1}", Dense(in_features=4))
        self.dense_2 = Dense(in_features=4)
    """,
    "names that are templates in a chain": """
        self.a = nn.Sequential(
            OrderedDict((f"fc{index}", nn.Linear(6, 6)) for index in range(3))
        )
        layers: dict[str, nn.Module] = {}
        in_features = 3
        for index in range(2):
            layers[f"fc{index + 1}"] = nn.Linear(in_features, widths[index])
            in_features = widths[index]
        self.b = nn.Sequential(
            OrderedDict([("first", nn.Linear(6, 3)), *layers.items(), ("0", nn.Tanh())])
        )
    """,
    "layers that some times have": """
        self.mlp = nn.ModuleList()
        in_features = 6
        for index in range(len(widths)):
            mlp: list[nn.Module] = [nn.Linear(in_features, widths[index])]
            if index < 2:
                mlp.append(nn.ReLU())
            if index > 0:
                mlp.append(nn.LayerNorm(widths[index]))
            self.mlp.append(nn.Sequential(*mlp))
            in_features = widths[index]
    """,
    "each time of a repeat": """
        h_outputs: list[Tensor] = []
        for layer in self.h:
            x = layer(x)
            h_outputs.append(x)
        third = h_outputs[2]  # (batch, 6)
    """,
    "each entry of a chain": """
        out: Tensor = self.c[0](x)  # (batch, 5)
        out2: Tensor = self.c[1](out)
        out3: Tensor = self.c[2](out2)  # (batch, 4)
        return torch.cat([out, out2, out3], dim=1)  # (batch, 14)
    """,
    "a block's times with names": """
        for index in range(depth):
            self.add_module(f"layer{index + 1}", Dense(in_features=in_features))
            in_features += 2
    """,
}
"""What the code of a network holds, line by line."""


def network(name: str) -> tuple[Any, list[torch.Tensor]]:
    """The spec of a network, and inputs for it."""
    tree = tomli.loads(NETWORKS[name])
    shapes = [
        [3 if isinstance(size, str) else size for size in shape]
        for shape in tree["model"]["inputs"].values()
    ]
    return tree, [torch.randn([8 if size == 0 else size for size in shape]) for shape in shapes]


@pytest.mark.parametrize("name", NETWORKS)
def test_it_is_the_network_it_describes(name: str) -> None:
    tree, inputs = network(name)
    compiled, reference = Network(tree), Interpreter(tree)
    reference.make(*inputs)
    assert_same(compiled, reference.root, reference, [inputs])
    own_tests(compiled)


@pytest.mark.parametrize("name", CODE)
def test_it_is_written_as_by_hand(name: str) -> None:
    written = specc.compile(tomli.loads(NETWORKS[name])).files["model.py"]
    wanted = textwrap.indent(textwrap.dedent(CODE[name]).strip("\n"), " " * 8)
    lines = [line.strip() for line in written.splitlines()]
    wanted_lines = [line.strip() for line in wanted.splitlines() if line.strip()]
    starts = [place for place, line in enumerate(lines) if line == wanted_lines[0]]
    assert any(lines[place : place + len(wanted_lines)] == wanted_lines for place in starts), (
        written
    )


def packages(folder: Path) -> Path:
    """The package of each network."""
    for number, text in enumerate(NETWORKS.values()):
        place = folder / f"net{number}"
        place.mkdir()
        for path, content in specc.compile(tomli.loads(text)).files.items():
            (place / path).write_text(content, "utf-8")
    return folder


def test_the_output_is_formatted_and_clean(tmp_path: Path) -> None:
    folder = packages(tmp_path)
    tool("ruff", "format", "--check", "--diff", "--config", RUFF, folder)
    tool("ruff", "check", "--config", RUFF, "--ignore", STYLE, folder)


@pytest.mark.slow
def test_the_output_is_typed(tmp_path: Path) -> None:
    tool("mypy", "--strict", "--python-version", "3.11", packages(tmp_path))


OTHERS: dict[str, list[dict[str, Any]]] = {
    "sizes from a list": [{"widths": (3, 7)}, {"widths": (5,)}],
    "sizes by arithmetic": [{"w": 5}],
    "numbers that vary and sizes that do not": [{"depth": 5}],
    "stages of blocks": [{"widths": (3, 6, 2, 5), "depths": (1, 2, 1, 1)}],
    "layers that some times have": [{"widths": (5, 4)}, {"widths": (5, 4, 3, 2, 7)}],
    "names that are templates": [{"depth": 1, "first": 7}],
    "names that are templates in a chain": [{"widths": (7, 9)}],
    "repeats among numbered layers": [{"widths": (7, 2)}],
    "each time of a repeat": [{"depth": 6}],
}
"""Values for the params of networks whose code follows them."""


@pytest.mark.parametrize("name", OTHERS)
def test_other_numbers_make_the_other_network(name: str) -> None:
    tree, inputs = network(name)
    for params in OTHERS[name]:
        made = Network(tree).package.M(**params)
        values = {key: list(v) if isinstance(v, tuple) else v for key, v in params.items()}
        meant = Network(
            tree | {"model": tree["model"] | {"params": tree["model"]["params"] | values}}
        )
        assert state_of(made) == state_of(meant.module)
        made.load_state_dict(meant.module.state_dict())
        torch.manual_seed(0)
        one = made(*inputs)
        torch.manual_seed(0)
        assert_same_tensor(one, meant(*inputs)[0], name)


def test_a_value_whose_rank_grows_has_the_sizes_that_the_summary_says() -> None:
    tree = tomli.loads("""
[model]
name = "Net"
inputs.start = ["batch", 6]
layers = [
  { name = "b", repeat = 3, layers = [
    { name = "act", type = "Sigmoid" },
    { name = "fc", type = "Linear", out_features = 4 },
    { name = "pair", expr = "stack([act, -act], dim=1)" },
    { expr = "pair + fc.mean()" },
  ] },
]
""")
    state = specc.load(tree).Net().state_dict()
    summary = specc.compile(tree).summary
    assert {name: list(value.shape) for name, value in state.items()} == {
        entry["name"]: entry["shape"] for entry in summary["state_dict"]
    }
    (output,) = summary["outputs"]
    assert output["shape"] == ["batch", 2, 2, 2, 6]
    assert specc.load(tree).Net()(torch.rand(3, 6)).shape == (3, 2, 2, 2, 6)
