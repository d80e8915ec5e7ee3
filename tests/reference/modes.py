"""Networks that depend on what is known only when they run, as one would write them by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """A residual branch that is left out at random in training."""

    def __init__(self, width: int, drop: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.branch = nn.Linear(width, width)
        self.drop = drop

    def forward(self, x: Tensor, padding: Tensor | None = None) -> Tensor:
        """(batch, time, width) -> same"""
        kept: Tensor = self.branch(self.norm(x))
        if padding is not None:
            kept = kept.masked_fill(padding.unsqueeze(-1), 0.0)
        if self.training and self.drop > 0:
            rate = 1 - self.drop
            return x + kept * torch.bernoulli(torch.full((len(x), 1, 1), rate)) / rate
        return x + F.dropout(kept, 0.1, training=self.training)


class Masked(nn.Module):
    """Attention with masks that may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.blocks = nn.ModuleList([Block(8, 0.0), Block(8, 0.2)])
        self.last = Block(8, 0.5)
        self.other = Block(8, 0.0)

    def forward(
        self, tokens: Tensor, padding: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        """(batch, time, 8) -> same; of the bias (2, time, time) all heads' mean counts"""
        attended, _ = self.attention(
            tokens, tokens, tokens, key_padding_mask=padding, need_weights=False
        )
        x = tokens + attended
        for block in self.blocks:
            x = block(x, padding)
        x = self.other(self.last(x))
        scores = (x @ x.transpose(1, 2)).unsqueeze(1)
        if bias is not None:
            scores = scores + bias
        return torch.softmax(scores, dim=-1).mean(dim=1) @ x


class Residual(nn.Module):
    """A convolution, with a shortcut where shapes allow it."""

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c, 3, stride=stride, padding=1)
        self.norm = nn.BatchNorm2d(c)
        self.has_shortcut = stride == 1 and c_in == c

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c_in, h, w) -> (batch, c, (h - 1) // stride + 1, …)"""
        y: Tensor = self.norm(self.conv(x))
        return x + y if self.has_shortcut else F.relu(y)


class Inverted(nn.Module):
    """Three of these."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Residual(3, 8, 2)
        self.second = Residual(8, 8)
        self.third = Residual(8, 16)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, 3, h, w) -> (batch, 16, (h - 1) // 2 + 1, …)"""
        made: Tensor = self.third(self.second(self.first(image)))
        return made
