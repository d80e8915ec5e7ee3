"""A language model of LSTMs with tied weights."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class LSTMLanguageModel(nn.Module):
    """The table of words serves twice."""

    def __init__(
        self, vocabulary: int = 100, width: int = 32, depth: int = 2, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(vocabulary, width)
        self.rnn = nn.LSTM(width, width, depth, dropout=dropout)
        self.decoder = nn.Linear(width, vocabulary)
        self.decoder.weight = self.encoder.weight
        self.init_weights()

    def init_weights(self) -> None:
        """First values, as in PyTorch's example."""
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, tokens: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        embedded = self.drop(self.encoder(tokens))
        output, (h, c) = self.rnn(embedded, (h, c))
        output = self.drop(output)
        decoded = self.decoder(output)
        decoded = decoded.flatten(0, 1)
        return functional.log_softmax(decoded, dim=1), h, c
