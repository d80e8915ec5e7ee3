"""NeRF: colour and density of points that are seen from somewhere."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def encoded(x: Tensor, count: int) -> Tensor:
    """The coordinates and waves of them, each twice as fast as the one before."""
    waves = x.unsqueeze(-2) * 2.0 ** torch.arange(count).unsqueeze(1)
    return torch.cat([x, torch.stack([waves.sin(), waves.cos()], dim=-2).flatten(-3)], -1)


class NeRF(nn.Module):
    """Eight layers, with the input given again to the sixth."""

    def __init__(self, width: int = 256, frequencies: int = 10, view_frequencies: int = 4) -> None:
        super().__init__()
        self.frequencies, self.view_frequencies = frequencies, view_frequencies
        points, views = 3 * (1 + 2 * frequencies), 3 * (1 + 2 * view_frequencies)
        sizes = [points, *[width] * 4, width + points, width, width]
        self.pts_linears = nn.ModuleList(nn.Linear(size, width) for size in sizes)
        self.views_linears = nn.ModuleList([nn.Linear(width + views, width // 2)])
        self.feature_linear = nn.Linear(width, width)
        self.alpha_linear = nn.Linear(width, 1)
        self.rgb_linear = nn.Linear(width // 2, 3)

    def forward(self, points: Tensor, views: Tensor) -> Tensor:
        points = encoded(points, self.frequencies)
        views = encoded(views.unsqueeze(1).expand(-1, points.shape[1], -1), self.view_frequencies)
        h = points
        for i, layer in enumerate(self.pts_linears):
            h = functional.relu(layer(h))
            if i == 4:
                h = torch.cat([points, h], -1)
        feature = self.feature_linear(h)
        alpha = self.alpha_linear(h)
        h = functional.relu(self.views_linears[0](torch.cat([feature, views], -1)))
        return torch.cat([self.rgb_linear(h), alpha], -1)
