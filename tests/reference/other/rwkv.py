"""RWKV-4: attention without queries, as a recurrence."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def shifted(x: Tensor) -> Tensor:
    """One step later."""
    return functional.pad(x, (0, 0, 1, 0))[:, :-1]


def mixed(x: Tensor, last: Tensor, share: Tensor) -> Tensor:
    """Of now and before."""
    return x * share + last * (1 - share)


class TimeMix(nn.Module):
    """Averages over the past that decay."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.time_decay = nn.Parameter(torch.zeros(width))
        self.time_first = nn.Parameter(torch.ones(width) * math.log(0.3))
        self.time_mix_k = nn.Parameter(torch.ones(1, 1, width))
        self.time_mix_v = nn.Parameter(torch.ones(1, 1, width))
        self.time_mix_r = nn.Parameter(torch.ones(1, 1, width))
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.receptance = nn.Linear(width, width, bias=False)
        self.output = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        last = shifted(x)
        key = self.key(mixed(x, last, self.time_mix_k))
        value = self.value(mixed(x, last, self.time_mix_v))
        r = self.receptance(mixed(x, last, self.time_mix_r))
        a = b = torch.zeros(x.shape[0], x.shape[2])
        p = torch.full((x.shape[0], x.shape[2]), -1e38)
        ys = []
        for k, v in zip(key.unbind(1), value.unbind(1), strict=True):
            q = torch.maximum(p, self.time_first + k)
            above = torch.exp(p - q) * a + torch.exp(self.time_first + k - q) * v
            below = torch.exp(p - q) * b + torch.exp(self.time_first + k - q)
            ys.append(above / below)
            q = torch.maximum(p - torch.exp(self.time_decay), k)
            old = torch.exp(p - torch.exp(self.time_decay) - q)
            new = torch.exp(k - q)
            a, b, p = old * a + new * v, old * b + new, q
        return self.output(torch.sigmoid(r) * torch.stack(ys, dim=1))


class ChannelMix(nn.Module):
    """A feed-forward layer with a gate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.time_mix_k = nn.Parameter(torch.ones(1, 1, width))
        self.time_mix_r = nn.Parameter(torch.ones(1, 1, width))
        self.key = nn.Linear(width, 4 * width, bias=False)
        self.receptance = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        last = shifted(x)
        key = self.key(mixed(x, last, self.time_mix_k))
        r = self.receptance(mixed(x, last, self.time_mix_r))
        return torch.sigmoid(r) * self.value(torch.square(functional.relu(key)))


class Block(nn.Module):
    """Both, with ways around."""

    def __init__(self, width: int, first: bool) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(width)
        self.ln2 = nn.LayerNorm(width)
        self.ln0 = nn.LayerNorm(width) if first else nn.Identity()
        self.att = TimeMix(width)
        self.ffn = ChannelMix(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.ln0(x)
        x = x + self.att(self.ln1(x))
        return x + self.ffn(self.ln2(x))


class RWKV(nn.Module):
    """Of 169 million parameters where nothing else is given."""

    def __init__(self, vocab_size: int = 50277, width: int = 768, depth: int = 12) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocab_size, width)
        self.blocks = nn.Sequential(*(Block(width, i == 0) for i in range(depth)))
        self.ln_out = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab_size, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.ln_out(self.blocks(self.emb(tokens))))
