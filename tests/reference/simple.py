"""The classifier, its interconnected sister, and tensor mathematics."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Network(nn.Module):
    """Two hidden layers, one probability."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(5, 8)
        self.hidden2 = nn.Linear(8, 4)
        self.output = nn.Linear(4, 1)

    def forward(self, features: Tensor) -> Tensor:
        x = torch.relu(self.hidden1(features))
        x = torch.relu(self.hidden2(x))
        return torch.sigmoid(self.output(x))


class FunkyNetwork(nn.Module):
    """Two activations side by side, and swish by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(5, 8)
        self.hidden2 = nn.Linear(8, 4)
        self.output = nn.Linear(4, 1)

    def forward(self, features: Tensor) -> Tensor:
        h = self.hidden1(features)
        h = self.hidden2(torch.relu(h) + torch.tanh(h))
        made: Tensor = self.output(h * torch.sigmoid(h))
        return made


class MatrixAlgebra(nn.Module):
    """Slices of a table; vectors and matrices."""

    def __init__(self) -> None:
        super().__init__()
        rows = [[10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33]]
        self.register_buffer("table", torch.tensor(rows, dtype=torch.float32))

    def forward(self, x: Tensor, y: Tensor, u: Tensor) -> tuple[Tensor, ...]:
        table = self.get_buffer("table")
        # Gradients are summed up in the order of the operations.
        combined = 2 * x + 3 * y
        product = x @ y
        return (
            table[:2, 1:3],
            table[0:3, [0, 2]],
            combined,
            product,
            x * y,
            product.T,
            torch.inverse(product),
            torch.det(product),
            torch.dot(u, u),
            u[:, None] @ u[None, :],
            u + 10,
            u.reshape(2, 2),
        )
