"""Categories, their crosses and numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WideAndDeep(nn.Module):
    """A linear model of crosses, and a network of the rest."""

    def __init__(
        self,
        workclasses: int = 9,
        occupations: int = 15,
        countries: int = 42,
        crosses: int = 1000,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.wide = nn.EmbeddingBag(crosses, 1, mode="sum")
        self.embed_workclass = nn.Embedding(workclasses, 4)
        self.embed_occupation = nn.Embedding(occupations, 4)
        self.embed_country = nn.Embedding(countries, 8)
        self.norm = nn.BatchNorm1d(5)
        self.deep = nn.Sequential(
            nn.Linear(4 + 4 + 8 + 5, 64),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Dropout(dropout),
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
        wide = self.wide(crossed)
        deep = self.deep(torch.cat(embedded, dim=1))
        return wide + deep
