"""Layers in a list that only some uses of a block have: those behind them count from the end."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
import tomli
import torch
from compared import Network, assert_same, own_tests
from reference_interpreter import Interpreter

import specc

SPEC = """
[model]
name = "Net"
inputs = {{ x = ["batch", 4], memory = ["batch", 4] }}
layers = [
  {{ name = "encoder", type = "Block", crosses = false, inputs = ["x", "memory"] }},
  {{ name = "decoder", type = "Block", crosses = true, inputs = ["encoder", "memory"] }},
  {{ name = "other", type = "Block", crosses = true, inputs = ["decoder", "encoder"] }},
]

[blocks.Block]
params = {{ crosses = "bool", depth = 2 }}
inputs = ["x", "memory"]
layers = [
  {{ name = "layer", layers = [
    {{ type = "Mix", inputs = ["x", "memory"] }},
    {layers}
  ] }},
]

[blocks.Mix]
inputs = ["x", "memory"]
layers = [{{ type = "Bilinear", out_features = 4, inputs = ["x", "memory"] }}]
"""
CROSS = '{ type = "Mix", when = "crosses", inputs = ["_", "memory"] },'
FC = '{ type = "Linear", out_features = 4 },'
BODIES = {
    "the last": (
        CROSS + FC,
        """
        x = self.layer[0](x, memory)
        if self.crosses:
            x = self.layer[1](x, memory)
        x = self.layer[-1](x)
        return x
        """,
    ),
    "the last two": (
        CROSS + '{ type = "LayerNorm" },' + FC,
        """
        x = self.layer[0](x, memory)
        if self.crosses:
            x = self.layer[1](x, memory)
        x = self.layer[-1](self.layer[-2](x))
        return x
        """,
    ),
    "two that some have": (
        CROSS + CROSS + FC,
        """
        x = self.layer[0](x, memory)
        if self.crosses:
            x = self.layer[1](x, memory)
        if self.crosses:
            x = self.layer[2](x, memory)
        x = self.layer[-1](x)
        return x
        """,
    ),
}
"""Entries behind the first one, and the code of `forward`."""


def tree(layers: str) -> dict[str, Any]:
    """A model of three uses, of which the last two have what the first has not."""
    return tomli.loads(SPEC.format(layers=layers))


@pytest.mark.parametrize("name", BODIES)
def test_what_stands_behind_counts_from_the_end(name: str) -> None:
    layers, wanted = BODIES[name]
    spec = tree(layers)
    spec["blocks"]["Block"]["params"].pop("depth")
    network = Network(spec)
    source = network.files["model.py"].partition("class Block(")[2].partition(" -> Tensor:\n")[2]
    assert dedent(source.split("\n\n")[0]).strip() == dedent(wanted).strip()
    reference = Interpreter(spec)
    inputs = [torch.randn(3, 4), torch.randn(3, 4)]
    reference.make(*inputs)
    assert_same(network, reference.root, reference, [inputs])
    own_tests(network)


@pytest.mark.parametrize(
    ("behind", "places"),
    [
        # Neither its number nor its place from the end is the same in all uses.
        (FC + CROSS, [2]),
        # How many stand behind it is another number for another depth.
        (FC + FC.replace("},", ', repeat = "depth" },'), [2, 3]),
    ],
)
def test_a_place_that_differs_both_ways_is_refused(behind: str, places: list[int]) -> None:
    spec = tree(CROSS + behind)
    if "depth" not in behind:
        spec["blocks"]["Block"]["params"].pop("depth")
    problems = specc.check(spec)
    assert {problem.code for problem in problems} == {"uses-differ"}
    where = [f"blocks.Block.layers[0].layers[{place}]" for place in places]
    assert [problem.where for problem in problems] == where
