"""TabTransformer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class TabTransformer(nn.Module):
    """Columns of categories that attend to each other, beside ten of numbers."""

    def __init__(
        self,
        categories: Sequence[int] = (10, 5, 6, 5, 8),
        dim: int = 32,
        depth: int = 2,
        heads: int = 4,
    ) -> None:
        super().__init__()
        offsets = torch.tensor([0, *categories[:-1]]).cumsum(0)
        self.register_buffer("offsets", offsets)
        self.embed = nn.Embedding(sum(categories), dim)
        self.transformer = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(
                    dim, heads, 4 * dim, 0.1, "gelu", batch_first=True, norm_first=True
                )
                for _ in range(depth)
            )
        )
        self.norm = nn.LayerNorm(10)
        self.mlp = nn.Sequential(
            nn.Linear(dim * len(categories) + 10, 64), nn.ReLU(), nn.Linear(64, 1)
        )

    def forward(self, categorical: Tensor, continuous: Tensor) -> Tensor:
        x = self.transformer(self.embed(categorical + self.get_buffer("offsets")))
        return self.mlp(torch.cat([x.flatten(1), self.norm(continuous)], dim=1))
