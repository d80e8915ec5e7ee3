"""`[budget] depth` is the longest path of module calls that torch's tracer finds."""

from __future__ import annotations

import pytest
import torch
from torch import fx

import specc

SPEC = """
[model]
name = "Net"
inputs.x = ["batch", 6]
inputs.skip = ["batch", 6]
layers = [LAYERS]
[blocks.Residual]
params.count = "int"
inputs = ["x", "y"]
outputs = ["long", "short"]
layers = [
  { name = "first", type = "Linear", out_features = 6, repeat = "count", inputs = "x" },
  { name = "long", expr = "tanh(first) + y" },
  { name = "short", type = "Linear", out_features = 6, inputs = "y" },
]
"""
LINEAR = 'type = "Linear", out_features = 6'
CASES = {
    "chain": f'{{ {LINEAR}, inputs = "x + skip" }}, "ReLU", {{ {LINEAR} }}',
    "repeat": f'{{ {LINEAR}, inputs = "x + skip", repeat = 7 }}, "Tanh"',
    "shared": f'{{ {LINEAR}, inputs = "x + skip", repeat = 7, shared = true }}',
    "branches": f'{{ name = "a", {LINEAR}, repeat = 3, inputs = "x" }},'
    f' {{ name = "b", {LINEAR}, inputs = "skip" }}, {{ name = "c", {LINEAR}, inputs = "a + b" }}',
    "called": f'{{ name = "a", {LINEAR}, inputs = "x" }},'
    ' { name = "y", expr = "a + a(a(skip))" }',
    "block": '{ name = "r", type = "Residual", count = 4, inputs = ["x", "skip"] },'
    ' { name = "s", type = "Residual", count = 2, inputs = ["r.short", "r.long"] },'
    ' { name = "y", expr = "s.long + s.short" }',
    "repeated block": '{ name = "r", type = "Residual", count = 2, inputs = ["x", "skip"],'
    ' repeat = 3 }, { name = "y", expr = "r.long + r.short" }',
    "container": f'{{ name = "c", layers = [{{ {LINEAR} }}, "ReLU"], inputs = "x + skip" }},'
    f" {{ {LINEAR} }}",
    "loop": f'{{ name = "s", scan = 5, carry = {{ h = "x", g = "skip" }}, layers = ['
    f'{{ name = "new", {LINEAR}, inputs = "g" }}, {{ name = "g", expr = "tanh(h)" }},'
    f' {{ name = "h", expr = "new + 1" }}] }}, {{ name = "y", expr = "s.h + s.g" }}',
}


def longest(model: torch.nn.Module) -> int:
    """The most modules on a path of the traced graph."""
    far: dict[fx.Node, int] = {}
    for node in fx.symbolic_trace(model).graph.nodes:
        before = max((far[one] for one in node.all_input_nodes), default=0)
        far[node] = before + (node.op == "call_module")
    return max(far.values())


@pytest.mark.parametrize("layers", CASES.values(), ids=list(CASES))
def test_is_the_longest_path_of_the_traced_model(layers: str) -> None:
    spec = SPEC.replace("LAYERS", layers)
    if "Residual" not in layers:
        spec = spec[: spec.index("[blocks")]
    depth = longest(specc.load(spec, format="toml").Net())
    limited = spec + f'[budget]\ndepth = "<= {depth}"\n'
    assert specc.check(limited, format="toml") == []
    [problem] = specc.check(limited.replace("<=", "<"), format="toml")
    assert f"has {depth} layers" in problem.message
