"""Layers of a list that are written alike are made by a generator."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same
from reference_interpreter import Interpreter

LISTS = {
    "counted": (
        ["sizes[0]", "sizes[1]", "sizes[2]"],
        "nn.Linear(8, sizes[index]) for index in range(3)",
    ),
    "the same": (["width", "width", "width"], "nn.Linear(8, width) for _ in range(3)"),
    "two": (["sizes[0]", "sizes[1]"], "[nn.Linear(8, sizes[0]), nn.Linear(8, sizes[1])]"),
    "another order": (["sizes[1]", "sizes[0]", "sizes[2]"], "nn.Linear(8, sizes[1]),"),
    "one unlike the others": (
        ["sizes[0]", "sizes[1]", "width"],
        "nn.Linear(8, sizes[1]), nn.Linear(8, width)",
    ),
    "index is a param": (["index", "index", "index"], "nn.Linear(8, index) for _ in range(3)"),
    "index is another param": (
        ["index * sizes[0]", "index * sizes[1]", "index * sizes[2]"],
        "nn.Linear(8, index * sizes[index_2]) for index_2 in range(3)",
    ),
}
"""The widths of layers side by side, and what the constructor has of them."""


def tree(widths: list[str]) -> dict[str, Any]:
    """A model with a list of layers that all take its input."""
    entries = [f'{{ type = "Linear", out_features = "{w}", inputs = "x" }}' for w in widths]
    defaults = {"sizes": "[3, 4, 5]", "width": "6", "index": "2"}
    read = [f"{name} = {value}" for name, value in defaults.items() if name in " ".join(widths)]
    return tomli.loads(f"""
        model.name = "Net"
        model.params = {{ {", ".join(read)} }}
        model.inputs.x = ["batch", 8]
        model.layers = [
          {{ name = "heads", layers = [{", ".join(entries)}] }},
          {{ expr = "cat(each(heads), dim=1)" }},
        ]
    """)


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_layers_read_well(name: str) -> None:
    widths, wanted = LISTS[name]
    network = Network(tree(widths))
    assert wanted in " ".join(network.files["model.py"].split())
    reference = Interpreter(tree(widths))
    inputs = [torch.randn(6, 8)]
    reference.make(*inputs)
    assert_same(network, reference.root, reference, [inputs])
