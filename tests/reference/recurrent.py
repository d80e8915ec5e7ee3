"""Recurrent networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LSTMClassifier(nn.Module):
    """Judges a text by the last states of both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(17, 6)
        self.lstm = nn.LSTM(6, 8, 2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(16, 3)

    def forward(self, tokens: Tensor) -> Tensor:
        _, (h_n, _) = self.lstm(self.embedding(tokens))
        scores: Tensor = self.fc(torch.cat((h_n[-2], h_n[-1]), dim=1))
        return scores


class Translator(nn.Module):
    """An encoder whose last states begin a decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.summary = nn.GRU(5, 6, bidirectional=True)
        self.encoder = nn.LSTM(12, 7, num_layers=2, dropout=0.2)
        self.decoder = nn.LSTM(4, 7, num_layers=2)
        self.scores = nn.Linear(7, 3)

    def forward(self, source: Tensor, target: Tensor) -> tuple[Tensor, ...]:
        summary, _ = self.summary(source)
        _, state = self.encoder(summary)
        decoded, (_, c_n) = self.decoder(target, state)
        return self.scores(decoded), c_n


class Cells(nn.Module):
    """Four steps by hand, then a stack."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(5, 6)
        self.gru = nn.GRUCell(6, 5)
        self.stack = nn.ModuleList([nn.RNNCell(5, 5, nonlinearity="relu") for _ in range(3)])

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        state = None
        for step in x.unbind(1):
            state = self.cell(step, state)
        assert state is not None
        h, c = state
        last = self.gru(h, x[:, 3])
        for cell in self.stack:
            last = cell(last)
        return h, c, last @ self.gru.weight_hh.t()[:, :5] + self.gru.bias_ih[:5]
