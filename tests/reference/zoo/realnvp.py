"""RealNVP on vectors."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Coupling(nn.Module):
    """Transforms every other value by the rest."""

    def __init__(self, features: int, width: int, odd: bool) -> None:
        super().__init__()
        mask = (torch.arange(features) % 2 == int(odd)).float()
        self.register_buffer("mask", mask)
        self.s = nn.Sequential(
            nn.Linear(features, width), nn.ReLU(), nn.Linear(width, features), nn.Tanh()
        )
        self.t = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, features))

    def forward(self, x: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
        mask = self.get_buffer("mask")
        s, t = self.s(x * mask), self.t(x * mask)
        y = x * mask + (1 - mask) * (x * torch.exp(s) + t)
        return y, total + ((1 - mask) * s).sum(dim=1)


class RealNVP(nn.Module):
    """Couplings in a row."""

    def __init__(self, width: int = 32, couplings: int = 4) -> None:
        super().__init__()
        self.flows = nn.ModuleList(Coupling(6, width, i % 2 == 1) for i in range(couplings))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        log_det = torch.zeros(x.shape[0])
        for flow in self.flows:
            x, log_det = flow(x, log_det)
        log_prob = -0.5 * (x**2 + math.log(2 * math.pi)).sum(dim=1) + log_det
        return x, log_det, log_prob
