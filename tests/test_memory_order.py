"""Functions that look at a tensor's memory run whatever its strides, and read it in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from compared import Network

CALLS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as_strided(x.t(), (2, 3), (1, 2))": lambda x: x.T.contiguous().as_strided((2, 3), (1, 2)),
    "x[:, 1:].as_strided((2, 2), (2, 1))": lambda x: (
        x[:, 1:].clone(memory_format=torch.contiguous_format).as_strided((2, 2), (2, 1))
    ),
    "as_strided_scatter(x.t(), x[0], (6,), (1,))": lambda x: x.T.contiguous().as_strided_scatter(
        x[0], (6,), (1,)
    ),
    "view_as_complex(x[:, 1:3])": lambda x: torch.complex(x[:, 1], x[:, 2]),
    "view_as_complex(input=x.t().reshape(-1, 2))": lambda x: torch.view_as_complex(
        x.T.reshape(-1, 2).contiguous()
    ),
    "x[:, 1:5].view('float64')": lambda x: (
        x[:, 1:5].clone(memory_format=torch.contiguous_format).view(torch.float64)
    ),
    "x.t().view(dtype='int32')": lambda x: x.T.contiguous().view(torch.int32),
    "x.t().view_as(x)": lambda x: x.T.reshape(x.shape),
    "x.t().view(size=(6, batch))": lambda x: x.T.reshape(6, -1),
    "view_copy(x.t(), (6, batch))": lambda x: x.T.reshape(6, -1),
    "x.unfold(1, 3, 2).view(-1)": lambda x: x.unfold(1, 3, 2).reshape(-1),
    "stack(x.split(split_size=3, dim=1)).view(-1)": lambda x: torch.stack(
        torch.split(x, 3, 1)
    ).view(-1),
}


@pytest.mark.parametrize("expression", CALLS)
@pytest.mark.parametrize("batch", [1, 4])
def test_memory_is_read_in_order(expression: str, batch: int) -> None:
    entry = {"expr": expression}
    tree = {"model": {"name": "M", "inputs": {"x": ["batch", 6]}, "layers": [entry]}}
    x = torch.randn(batch, 6)
    (made,) = Network(tree)(x)
    assert torch.equal(made, CALLS[expression](x))
