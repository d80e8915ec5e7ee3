"""DLRM: embeddings, two towers and all pairs of products."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class DLRM(nn.Module):
    """For three columns of categories."""

    def __init__(self, sizes: Sequence[int] = (100, 200, 300), width: int = 16) -> None:
        super().__init__()
        self.emb_l = nn.ModuleList(nn.EmbeddingBag(n, width, mode="sum") for n in sizes)
        self.bot_l = nn.Sequential(nn.Linear(13, 64), nn.ReLU(), nn.Linear(64, width), nn.ReLU())
        self.top_l = nn.Sequential(
            nn.Linear(width + 6, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid()
        )

    def forward(self, dense: Tensor, sparse: Tensor) -> Tensor:
        rows = [bag(sparse[:, i : i + 1]) for i, bag in enumerate(self.emb_l)]
        x = self.bot_l(dense)
        t = torch.stack([x, *rows], dim=1)
        z = torch.bmm(t, torch.transpose(t, 1, 2))
        li = torch.tensor([i for i in range(4) for j in range(i)])
        lj = torch.tensor([j for i in range(4) for j in range(i)])
        return self.top_l(torch.cat([x, z[:, li, lj]], dim=1))
