"""Which word comes next."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LSTMLanguageModel(nn.Module):
    """Two layers; the table of words serves twice."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(100, 32)
        self.rnn = nn.LSTM(32, 32, 2, dropout=0.2)
        self.decoder = nn.Linear(32, 100)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, tokens: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, (h, c) = self.rnn(self.drop(self.encoder(tokens)), (h, c))
        scores = self.decoder(self.drop(x)).flatten(0, 1)
        return torch.log_softmax(scores, 1), h, c
