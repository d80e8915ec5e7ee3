"""An encoder and a decoder of attention."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Adds waves of several lengths."""

    def __init__(self) -> None:
        super().__init__()
        angles = torch.arange(64)[:, None] * torch.exp(
            torch.arange(0, 32, 2) * (-math.log(10000) / 32)
        )
        waves = torch.empty(64, 32)
        waves[:, 0::2] = angles.sin()
        waves[:, 1::2] = angles.cos()
        self.register_buffer("pos_embedding", waves)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.dropout(x + self.get_buffer("pos_embedding")[: x.shape[1]])
        return made


class Translator(nn.Module):
    """Two layers each; word 0 fills up what is too short."""

    def __init__(self) -> None:
        super().__init__()
        self.src_tok_emb = nn.Embedding(40, 32)
        self.positional_encoding = PositionalEncoding()
        self.tgt_tok_emb = nn.Embedding(50, 32)
        self.transformer = nn.Transformer(32, 4, 2, 2, 128, batch_first=True)
        self.generator = nn.Linear(32, 50)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        time = target.shape[1]
        decoded = self.transformer(
            self.positional_encoding(self.src_tok_emb(source) * math.sqrt(32)),
            self.positional_encoding(self.tgt_tok_emb(target) * math.sqrt(32)),
            tgt_mask=torch.ones(time, time).triu(1).bool(),
            src_key_padding_mask=source == 0,
            tgt_key_padding_mask=target == 0,
            memory_key_padding_mask=source == 0,
        )
        made: Tensor = self.generator(decoded)
        return made
