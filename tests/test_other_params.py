"""A class whose caller passes other numbers is what a spec with these numbers would be."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same_tensor, state_of

HEAD = """
[model]
name = "Net"
params = { depth = 2, width = 6 }
inputs.x = ["batch", "width"]
inputs.y = ["batch", "width"]
layers = [
LAYERS
]

[blocks.Twice]
inputs = ["x", "y"]
layers = [
  { name = "fc", type = "Linear", out_features = "width", inputs = "x" },
  { expr = "_ + y" },
]
"""
NETWORKS = {
    "a repeat before a layer": """
        { name = "layers", layers = [
          { type = "Twice", repeat = "depth", inputs = ["x", "y"] },
          { type = "Linear", out_features = 3 },
          { expr = "_ * 2" } ] },""",
    "a repeat between layers": """
        { name = "layers", layers = [
          { type = "Linear", out_features = "width", inputs = "x" },
          { type = "Twice", repeat = "depth", inputs = ["_", "y"] },
          { type = "ReLU" },
          { type = "Twice", inputs = ["_", "y"] } ] },""",
    "a repeat further in": """
        { name = "encoder", layers = [
          { name = "layers", layers = [
            { type = "Twice", repeat = "depth", inputs = ["x", "y"] },
            { type = "Twice", inputs = ["_", "y"] } ] } ] },""",
    "a repeat alone further in": """
        { name = "encoder", layers = [
          { name = "layer", layers = [
            { type = "Twice", repeat = "depth", inputs = ["x", "y"] } ] } ] },""",
    "a repeat after a value": """
        { name = "layers", layers = [
          { name = "both", expr = "x + y" },
          { type = "Linear", out_features = "width" },
          { type = "Twice", repeat = "depth", inputs = ["_", "both"] },
          { type = "Linear", out_features = 2 } ] },""",
    "a chain": """
        { name = "layers", inputs = "x + y", layers = [
          { type = "Linear", out_features = "width", repeat = "depth" },
          { type = "Linear", out_features = 2 } ] },""",
}


def spec(layers: str, **params: int) -> dict[str, Any]:
    """A network of these layers."""
    tree = tomli.loads(HEAD.replace("LAYERS", layers))
    if "Twice" not in layers:
        del tree["blocks"]
    tree["model"]["params"] |= params
    return tree


@pytest.mark.parametrize("case", NETWORKS)
@pytest.mark.parametrize("params", [{"depth": 1}, {"depth": 3}, {"depth": 4, "width": 2}])
def test_other_numbers_make_the_other_network(case: str, params: dict[str, int]) -> None:
    network = Network(spec(NETWORKS[case]))
    module = network.package.Net(**params)
    meant = Network(spec(NETWORKS[case], **params))
    assert state_of(module) == state_of(meant.module)
    module.load_state_dict(meant.module.state_dict())
    width = params.get("width", 6)
    x, y = torch.randn(2, 3, width).unbind()
    assert_same_tensor(module(x, y), meant(x, y)[0], case)
