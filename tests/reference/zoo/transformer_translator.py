"""An encoder and a decoder of attention."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Adds waves of several lengths."""

    def __init__(self, width: int, longest: int, dropout: float) -> None:
        super().__init__()
        speeds = torch.exp(torch.arange(0, width, 2) * (-math.log(10000) / width))
        angles = torch.arange(longest).unsqueeze(1) * speeds
        waves = torch.zeros(longest, width)
        waves[:, 0::2] = torch.sin(angles)
        waves[:, 1::2] = torch.cos(angles)
        self.register_buffer("pos_embedding", waves)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.get_buffer("pos_embedding")[: x.shape[1]]
        return self.dropout(x)


class Translator(nn.Module):
    """Two layers each; word 0 fills up what is too short."""

    def __init__(
        self,
        source_words: int = 40,
        target_words: int = 50,
        width: int = 32,
        heads: int = 4,
        depth: int = 2,
        longest: int = 64,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.width = width
        self.src_tok_emb = nn.Embedding(source_words, width)
        self.positional_encoding = PositionalEncoding(width, longest, dropout)
        self.tgt_tok_emb = nn.Embedding(target_words, width)
        self.transformer = nn.Transformer(
            d_model=width,
            nhead=heads,
            num_encoder_layers=depth,
            num_decoder_layers=depth,
            dim_feedforward=4 * width,
            dropout=dropout,
            batch_first=True,
        )
        self.generator = nn.Linear(width, target_words)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        time = target.shape[1]
        source_padding = source == 0
        target_padding = target == 0
        mask = torch.ones(time, time, dtype=torch.bool, device=target.device).triu(1)
        x = self.src_tok_emb(source) * math.sqrt(self.width)
        y = self.tgt_tok_emb(target) * math.sqrt(self.width)
        decoded = self.transformer(
            self.positional_encoding(x),
            self.positional_encoding(y),
            tgt_mask=mask,
            src_key_padding_mask=source_padding,
            tgt_key_padding_mask=target_padding,
            memory_key_padding_mask=source_padding,
        )
        return self.generator(decoded)
