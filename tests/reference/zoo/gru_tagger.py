"""A tag for each word."""

from __future__ import annotations

from torch import Tensor, nn


class GRUTagger(nn.Module):
    """Two layers in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 10, padding_idx=0)
        self.gru = nn.GRU(10, 12, 2, batch_first=True, dropout=0.3, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(24, 7)

    def forward(self, tokens: Tensor) -> Tensor:
        states, _ = self.gru(self.embedding(tokens))
        made: Tensor = self.fc(self.dropout(states))
        return made
