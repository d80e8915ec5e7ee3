"""The Perceiver: latents that read the input several times."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Cross(nn.Module):
    """Latents that read the data."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.norm_q = nn.LayerNorm(width)
        self.norm_kv = nn.LayerNorm(channels)
        self.attn = nn.MultiheadAttention(width, 1, kdim=channels, vdim=channels, batch_first=True)

    def forward(self, q: Tensor, data: Tensor) -> Tensor:
        read = self.norm_kv(data)
        return q + self.attn(self.norm_q(q), read, read, need_weights=False)[0]


class Round(nn.Module):
    """Latents that attend to each other, and read again."""

    def __init__(self, width: int, channels: int, heads: int) -> None:
        super().__init__()
        self.self_attend = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(2)
        )
        self.cross = Cross(width, channels)

    def forward(self, q: Tensor, data: Tensor) -> Tensor:
        for layer in self.self_attend:
            q = layer(q)
        return self.cross(q, data)


class Perceiver(nn.Module):
    """The rounds share their weights."""

    def __init__(
        self,
        latents: int = 16,
        width: int = 32,
        depth: int = 3,
        classes: int = 10,
        heads: int = 4,
        bands: int = 4,
    ) -> None:
        super().__init__()
        self.latent = nn.Parameter(torch.empty(latents, width))
        self.cross = Cross(width, 3 + 2 * bands)
        self.rounds = Round(width, 3 + 2 * bands, heads)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        self.depth, self.bands = depth, bands

    def forward(self, x: Tensor) -> Tensor:
        batch, places, _ = x.shape
        rates = torch.linspace(1, self.bands, self.bands)
        grid = torch.linspace(-1, 1, places).unsqueeze(1) * rates * math.pi
        waves = torch.cat([grid.sin(), grid.cos()], dim=1).expand(batch, -1, -1)
        data = torch.cat([x, waves], dim=2)
        q = self.cross(self.latent.expand(batch, -1, -1), data)
        for _ in range(self.depth):
            q = self.rounds(q, data)
        return self.head(self.norm(q.mean(1)))
