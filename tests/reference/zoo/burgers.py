"""A network that should obey Burgers' equation."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Hidden(nn.Module):
    """A full connection."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(x))


class Burgers(nn.Module):
    """The solution u(t, x), and u_t + u u_x - 0.01 u_xx; the inputs require gradients."""

    def __init__(self, width: int = 20, depth: int = 7, viscosity: float = 0.01) -> None:
        super().__init__()
        self.viscosity = viscosity
        self.first = nn.Linear(2, width)
        self.hidden = nn.Sequential(*[Hidden(width) for _ in range(depth)])
        self.u = nn.Linear(width, 1)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, t: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        point = torch.cat([t, x], dim=1)
        y = torch.tanh(self.first(point))
        y = self.hidden(y)
        u = self.u(y)
        (u_x,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (u_t,) = torch.autograd.grad(u.sum(), t, create_graph=True)
        (u_xx,) = torch.autograd.grad(u_x.sum(), x, create_graph=True)
        residual = u_t + u * u_x - self.viscosity * u_xx
        return u, residual
