"""Tags words, having read the sentence from both ends."""

from __future__ import annotations

from torch import Tensor, nn


class GRUTagger(nn.Module):
    """Two layers in both directions."""

    def __init__(
        self, words: int = 50, tags: int = 7, width: int = 12, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 10, padding_idx=0)
        self.gru = nn.GRU(
            10, width, num_layers=2, batch_first=True, dropout=dropout, bidirectional=True
        )
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * width, tags)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)
        x, _ = self.gru(x)
        x = self.dropout(x)
        return self.fc(x)
