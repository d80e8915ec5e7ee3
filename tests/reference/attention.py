"""Networks of attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TextEncoder(nn.Module):
    """Judges a text, whose padding it does not look at."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(17, 16)
        layer = nn.TransformerEncoderLayer(
            16, 4, 32, activation="gelu", batch_first=True, norm_first=True
        )
        norm = nn.LayerNorm(16)
        self.encoder = nn.TransformerEncoder(layer, 2, norm, enable_nested_tensor=False)
        self.fc = nn.Linear(16, 3)

    def forward(self, tokens: Tensor, padding: Tensor) -> Tensor:
        x = self.encoder(self.embedding(tokens), src_key_padding_mask=padding)
        scores: Tensor = self.fc(x.masked_fill(padding[..., None], 0.0).sum(1))
        return scores


class CausalAttention(nn.Module):
    """Looks back only, then to a memory of other widths."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(12, 3, batch_first=True)
        self.cross = nn.MultiheadAttention(
            12, 4, 0.1, add_bias_kv=True, add_zero_attn=True, kdim=7, vdim=7, batch_first=True
        )

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, ...]:
        time = x.shape[1]
        mask = torch.ones(time, time, dtype=torch.bool).triu(1)
        h = x + self.attn(x, x, x, need_weights=False, attn_mask=mask)[0]
        cross, weights = self.cross(h, memory, memory)
        _, again = self.attn(cross, h, h, average_attn_weights=False)
        return cross, weights, again


class Seq2Seq(nn.Module):
    """An encoder and a decoder, and one more decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.Transformer(8, 2, 2, 1, 16)
        layer = nn.TransformerDecoderLayer(8, 4, 10, bias=False)
        self.decoder = nn.TransformerDecoder(layer, 2)
        self.head = nn.Linear(8, 5)

    def forward(self, src: Tensor, tgt: Tensor, padding: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(len(tgt))
        decoded = self.transformer(
            src,
            tgt,
            tgt_mask=mask,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_is_causal=True,
        )
        scores: Tensor = self.head(self.decoder(decoded, src))
        return scores
