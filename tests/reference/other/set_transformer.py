"""The Set Transformer."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class MAB(nn.Module):
    """Attention of one set to another."""

    def __init__(self, dim_q: int, dim_k: int, dim: int, heads: int) -> None:
        super().__init__()
        self.dim, self.heads = dim, heads
        self.fc_q = nn.Linear(dim_q, dim)
        self.fc_k = nn.Linear(dim_k, dim)
        self.fc_v = nn.Linear(dim_k, dim)
        self.fc_o = nn.Linear(dim, dim)

    def forward(self, q: Tensor, k: Tensor) -> Tensor:
        q, k, v = self.fc_q(q), self.fc_k(k), self.fc_v(k)
        part = self.dim // self.heads
        q_, k_, v_ = (torch.cat(torch.split(t, part, 2), 0) for t in (q, k, v))
        a = torch.softmax(q_.bmm(k_.transpose(1, 2)) / math.sqrt(self.dim), 2)
        o = torch.cat(torch.split(q_ + a.bmm(v_), q.size(0), 0), 2)
        return o + functional.relu(self.fc_o(o))


class SAB(nn.Module):
    """A set that attends to itself."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.mab = MAB(dim, dim, dim, heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.mab(x, x)


class ISAB(nn.Module):
    """Likewise through a few points."""

    def __init__(self, inp: int, dim: int, heads: int, inducing: int) -> None:
        super().__init__()
        self.I = nn.Parameter(torch.empty(1, inducing, dim))
        self.mab0 = MAB(dim, inp, dim, heads)
        self.mab1 = MAB(inp, dim, dim, heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.mab1(x, self.mab0(self.I.repeat(x.size(0), 1, 1), x))


class PMA(nn.Module):
    """As many points as asked for."""

    def __init__(self, dim: int, heads: int, seeds: int) -> None:
        super().__init__()
        self.S = nn.Parameter(torch.empty(1, seeds, dim))
        self.mab = MAB(dim, dim, dim, heads)

    def forward(self, x: Tensor) -> Tensor:
        return self.mab(self.S.repeat(x.size(0), 1, 1), x)


class SetTransformer(nn.Module):
    """For sets of points in the plane."""

    def __init__(
        self,
        num_outputs: int = 4,
        num_inds: int = 8,
        dim_hidden: int = 32,
        num_heads: int = 4,
        dim_output: int = 3,
    ) -> None:
        super().__init__()
        self.enc = nn.Sequential(
            ISAB(2, dim_hidden, num_heads, num_inds),
            ISAB(dim_hidden, dim_hidden, num_heads, num_inds),
        )
        self.dec = nn.Sequential(
            PMA(dim_hidden, num_heads, num_outputs),
            SAB(dim_hidden, num_heads),
            SAB(dim_hidden, num_heads),
            nn.Linear(dim_hidden, dim_output),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.dec(self.enc(x))
