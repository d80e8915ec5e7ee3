"""A network that should obey Burgers' equation."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Hidden(nn.Module):
    """A full connection of 20 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(20, 20)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(x))


class Burgers(nn.Module):
    """The solution u(t, x), and u_t + u u_x - 0.01 u_xx; the inputs require gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 20)
        self.hidden = nn.Sequential(*(Hidden() for _ in range(7)))
        self.u = nn.Linear(20, 1)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, t: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        u = self.u(self.hidden(torch.tanh(self.first(torch.cat([t, x], 1)))))
        (u_x,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        (u_t,) = torch.autograd.grad(u.sum(), t, create_graph=True)
        (u_xx,) = torch.autograd.grad(u_x.sum(), x, create_graph=True)
        return u, u_t + u * u_x - 0.01 * u_xx
