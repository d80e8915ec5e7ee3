"""Rules for first values: for each parameter, the first that matches counts."""

from __future__ import annotations

from fnmatch import fnmatchcase
from inspect import signature
from typing import Any

import pytest
import tomli
import torch
from compared import Network
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

SPEC = """
[model]
name = "Net"
inputs.x = ["batch", 4]
layers = [
  { name = "scale", type = "Parameter", shape = [4], init = "ones_" },
  { name = "left", type = "Part", inputs = "x * scale" },
  { name = "right", type = "Part" },
  { name = "bias_free", type = "Linear", out_features = 4, bias = false },
  { name = "out", layers = [{ type = "Linear", out_features = 2 }, { type = "LayerNorm" }] },
]

[blocks.Part]
layers = [
  { name = "scale", type = "Parameter", shape = [4], init = "ones_" },
  { name = "fc", type = "Linear", out_features = 4, inputs = "x * scale" },
]
"""
GLOBS = [
    "*",
    "*.bias",
    "left.*",
    "*.scale",
    "scale",
    "left.fc.weight",
    "*fc*",
    "l*.?c.*",
    "[lr]*.b*",
]
TYPES = ["Net", "Part", "Linear", "LayerNorm"]
PARAMETERS = ["weight", "bias", "scale", "*", "*a*"]
PATTERNS = st.one_of(
    st.sampled_from(GLOBS),
    st.builds("{}.{}".format, st.sampled_from(TYPES), st.sampled_from(PARAMETERS)),
    st.builds(
        "{}:{}.{}".format,
        st.sampled_from(GLOBS),
        st.sampled_from(TYPES),
        st.sampled_from(PARAMETERS),
    ),
)


def matches(pattern: str, name: str, owner: str) -> bool:
    """What the language says of a pattern."""
    glob, _, rest = pattern.rpartition(":")
    head, _, own = rest.rpartition(".")
    if head not in TYPES:
        return fnmatchcase(name, pattern)
    by_type = head == owner and fnmatchcase(name.rpartition(".")[2], own)
    return by_type and (not glob or fnmatchcase(name, glob))


def owners(module: nn.Module) -> dict[str, str]:
    """The type of what owns each parameter."""
    named = dict(module.named_modules())
    return {
        name: type(named[name.rpartition(".")[0]]).__name__ for name, _ in module.named_parameters()
    }


@given(st.lists(st.lists(PATTERNS, min_size=1, max_size=3, unique=True), min_size=1, max_size=4))
def test_the_first_rule_that_matches_counts(rules: list[list[str]]) -> None:
    types = owners(Network(tomli.loads(SPEC)).module)
    useful = [
        live
        for rule in rules
        if (live := [p for p in rule if any(matches(p, name, types[name]) for name in types)])
    ]
    tree: dict[str, Any] = tomli.loads(SPEC)
    tree["model"]["init"] = [
        {"match": rule, "type": "constant_", "val": 10.0 + place}
        for place, rule in enumerate(useful)
    ]
    module = Network(tree).module
    for name, parameter in module.named_parameters():
        place = next(
            (
                i
                for i, rule in enumerate(useful)
                if any(matches(p, name, types[name]) for p in rule)
            ),
            None,
        )
        if place is not None:
            assert torch.equal(parameter, torch.full_like(parameter, 10.0 + place)), name
        else:
            assert bool((parameter < 10).all()), name


LINEAR = '{ type = "Linear", out_features = 4'
ATTENTION = '{ type = "MultiheadAttention", num_heads = 2, inputs = ["_", "_", "_"]'
BIASES = {
    f"{LINEAR} }}": True,
    f"{LINEAR}, bias = true }}": True,
    f"{LINEAR}, bias = false }}": False,
    f'{LINEAR}, bias = "has_bias" }}': False,
    f'{LINEAR}, bias = false, when = "not has_bias" }}': True,
    f"{ATTENTION} }}": True,
    f"{ATTENTION}, bias = false }}": False,
    '{ type = "Conv1d", out_channels = 3, kernel_size = 1, bias = false }': True,
}
"""Entries, and whether every linear layer in them has a bias whatever a caller says."""


@pytest.mark.parametrize("entry", BIASES)
def test_what_all_layers_have_is_not_asked_for(entry: str) -> None:
    network = Network(
        tomli.loads(f"""
        model.name = "Net"
        model.params.has_bias = true
        model.inputs.x = ["batch", 3, 4]
        model.layers = [
          {entry},
          {{ name = "last", type = "Linear", out_features = 4, when = "has_bias" }},
        ]
        model.init."Linear.bias" = "ones_"
    """)
    )
    made = [network.module]
    if "has_bias" in signature(type(network.module)).parameters:
        made.append(type(network.module)(has_bias=False))
    for module in made:
        linear = [one for one in module.modules() if isinstance(one, nn.Linear)]
        assert all((one.bias == 1).all() for one in linear if one.bias is not None)
    is_asked = "if module.bias is not None:" in network.files["model.py"]
    assert is_asked is not BIASES[entry]
