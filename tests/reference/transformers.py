"""A small vision transformer and a tiny decoder."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class Attention(nn.Module):
    """Attention of all to all, three heads."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(12, 36)
        self.out = nn.Linear(12, 12)

    def forward(self, x: Tensor) -> Tensor:
        n, t, _ = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, 3, 4).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(4), -1)
        made: Tensor = self.out((weights @ v).transpose(1, 2).reshape(n, t, 12))
        return made


class Encoder(nn.Module):
    """Attention and a network for each token, both with a way around."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(12)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm(12)
        self.mlp = nn.Sequential(nn.Linear(12, 48), nn.GELU(), nn.Linear(48, 12))

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.attention(self.norm1(x))
        return torch.add(y, self.mlp(self.norm2(y)))


class ViT(nn.Module):
    """Four patches and a class token."""

    def __init__(self) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, 12))
        self.position = nn.Parameter(torch.randn(1, 5, 12) * 0.02)
        self.patches = nn.Conv2d(3, 12, 4, 4)
        self.encoder = nn.ModuleList([Encoder(), Encoder()])
        self.norm = nn.LayerNorm(12, eps=1e-6)
        self.head = nn.Linear(12, 5)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(len(x), 1, 12), x], 1) + self.position
        for encoder in self.encoder:
            x = encoder(x)
        x = self.norm(x)
        return self.head(x[:, 0]), x


class CausalSelfAttention(nn.Module):
    """Attention to what came before, two heads."""

    def __init__(self) -> None:
        super().__init__()
        self.c_attn = nn.Linear(8, 24)
        self.c_proj = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        n, t, _ = x.shape
        q, k, v = (part.view(n, t, 2, 4).transpose(1, 2) for part in self.c_attn(x).split(8, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        y = self.c_proj(y.transpose(1, 2).reshape(n, t, 8))
        return F.dropout(y, 0.1, self.training)


class MLP(nn.Module):
    """Four times as wide inside."""

    def __init__(self) -> None:
        super().__init__()
        self.c_fc = nn.Linear(8, 32)
        self.c_proj = nn.Linear(32, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))
        return F.dropout(x, 0.1, self.training)


class Block(nn.Module):
    """One layer of the decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(8)
        self.attn = CausalSelfAttention()
        self.ln_2 = nn.LayerNorm(8)
        self.mlp = MLP()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.attn(self.ln_1(x))
        return torch.add(y, self.mlp(self.ln_2(y)))


class GPT(nn.Module):
    """Three layers; the table of words serves twice."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.Embedding(17, 8)
        self.wpe = nn.Embedding(12, 8)
        self.h = nn.ModuleList([Block(), Block(), Block()])
        self.ln_f = nn.LayerNorm(8)
        self.lm_head = nn.Linear(8, 17, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        x = F.dropout(x, 0.1, self.training)
        for block in self.h:
            x = block(x)
        made: Tensor = self.lm_head(self.ln_f(x))
        return made
