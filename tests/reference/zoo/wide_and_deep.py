"""Categories, their crosses and numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WideAndDeep(nn.Module):
    """A linear model of crosses, and a network of the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.EmbeddingBag(1000, 1, mode="sum")
        self.embed_workclass = nn.Embedding(9, 4)
        self.embed_occupation = nn.Embedding(15, 4)
        self.embed_country = nn.Embedding(42, 8)
        self.norm = nn.BatchNorm1d(5)
        self.deep = nn.Sequential(
            nn.Linear(4 + 4 + 8 + 5, 64),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(32, 1),
        )
        nn.init.zeros_(self.wide.weight)

    def forward(
        self,
        workclass: Tensor,
        occupation: Tensor,
        country: Tensor,
        crossed: Tensor,
        numbers: Tensor,
    ) -> Tensor:
        embedded = [
            self.embed_workclass(workclass),
            self.embed_occupation(occupation),
            self.embed_country(country),
            self.norm(numbers),
        ]
        return torch.add(self.wide(crossed), self.deep(torch.cat(embedded, 1)))
