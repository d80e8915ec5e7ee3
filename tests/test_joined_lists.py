"""Lists that are joined: of params, shapes, what functions and repeats give, and written ones."""

from __future__ import annotations

import pytest
import torch
from compared import Network, assert_same_tensor, own_tests
from torch import Tensor


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("split(x, [1] + sizes[:2] + [2], dim=1)[2]", lambda x: x[:, 3:6]),
        ("split(x, sizes[:2] + [3], dim=1)[2]", lambda x: x[:, 5:8]),
        ("split(x, sizes[:1] + sizes[:1] + [2] + sizes[:1], dim=1)[3]", lambda x: x[:, 6:8]),
        ("x.reshape(x.shape[:1] + [2, 4])", lambda x: x.reshape(-1, 2, 4)),
        ("x.reshape([batch] + [2] + [4])", lambda x: x.reshape(-1, 2, 4)),
        ("cat([x] + chunk(x, 2, dim=1), dim=1)", lambda x: torch.cat([x, x], 1)),
        ("cat(chunk(x, 2, dim=1)[1:] + [x], dim=1)", lambda x: torch.cat([x[:, 4:], x], 1)),
        (
            "cat(chunk(x, 2, dim=1) + x.split(2, dim=1), dim=1)",
            lambda x: torch.cat([x, x], 1),
        ),
        (
            "cat(each(h) + chunk(x, 2, dim=1), dim=1)",
            lambda x: torch.cat([x.tanh(), x.tanh().tanh(), x], 1),
        ),
        (
            "cat(chunk(x, 2, dim=1) + each(h)[:1], dim=1)",
            lambda x: torch.cat([x, x.tanh()], 1),
        ),
    ],
)
def test_joined_lists_are_one(formula: str, expected: object) -> None:
    layers = [
        {"name": "h", "type": "Tanh", "repeat": 2, "keep": True},
        {"name": "y", "expr": formula},
        {"expr": "y.flatten(1) * sizes[0]"},
    ]
    model = {
        "name": "Joined",
        "params": {"sizes": [2, 3, 4]},
        "inputs": {"x": ["batch", 8]},
        "layers": layers,
    }
    network = Network({"model": model})
    x = torch.randn(3, 8)
    assert callable(expected)
    wanted: Tensor = expected(x).flatten(1) * 2
    (found,) = network(x)
    assert_same_tensor(found, wanted, network.files["model.py"])
    own_tests(network)
