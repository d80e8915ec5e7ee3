"""A neural ODE and the classical method of Runge and Kutta."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ODEFunc(nn.Module):
    """The right-hand side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, width), nn.Tanh(), nn.Linear(width, 2))

    def forward(self, t: Tensor, y: Tensor) -> Tensor:
        return self.net(torch.cat([y**3, t.expand(y.shape[0], 1)], dim=1))


class NeuralODE(nn.Module):
    """From time 0 to time 1."""

    def __init__(self, steps: int = 10, width: int = 32) -> None:
        super().__init__()
        self.func = ODEFunc(width)
        self.steps = steps

    def forward(self, y: Tensor) -> tuple[Tensor, Tensor]:
        dt = 1 / self.steps
        path = []
        for i in range(self.steps):
            t = torch.full((1,), dt) * i
            k1 = self.func(t, y)
            k2 = self.func(t + dt / 2, y + dt / 2 * k1)
            k3 = self.func(t + dt / 2, y + dt / 2 * k2)
            k4 = self.func(t + dt, y + dt * k3)
            y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            path.append(y)
        return torch.stack(path), y
