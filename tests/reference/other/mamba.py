"""Mamba: state spaces whose steps depend on the input, one after another."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Mixer(nn.Module):
    """A short convolution and the selective scan."""

    def __init__(self, d_model: int, d_state: int, d_conv: int, expand: int) -> None:
        super().__init__()
        self.d_state, self.dt_rank = d_state, -(-d_model // 16)
        d_inner = expand * d_model
        self.in_proj = nn.Linear(d_model, 2 * d_inner, bias=False)
        self.conv1d = nn.Conv1d(d_inner, d_inner, d_conv, groups=d_inner, padding=d_conv - 1)
        self.x_proj = nn.Linear(d_inner, self.dt_rank + 2 * d_state, bias=False)
        self.dt_proj = nn.Linear(self.dt_rank, d_inner)
        a = torch.arange(1, d_state + 1, dtype=torch.float32).repeat(d_inner, 1)
        self.A_log = nn.Parameter(torch.log(a))
        self.D = nn.Parameter(torch.ones(d_inner))
        self.out_proj = nn.Linear(d_inner, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, time, _ = x.shape
        inner, gate = self.in_proj(x).chunk(2, dim=-1)
        u = functional.silu(self.conv1d(inner.transpose(1, 2))[:, :, :time]).transpose(1, 2)
        sizes = [self.dt_rank, self.d_state, self.d_state]
        dt, b, c = torch.split(self.x_proj(u), sizes, dim=-1)
        delta = functional.softplus(self.dt_proj(dt))
        a = -torch.exp(self.A_log)
        h = torch.zeros(batch, a.shape[0], a.shape[1])
        ys = []
        for d, b_t, c_t, v in zip(*(t.unbind(1) for t in (delta, b, c, u)), strict=True):
            h = torch.exp(d.unsqueeze(-1) * a) * h + (d * v).unsqueeze(-1) * b_t.unsqueeze(1)
            ys.append((h * c_t.unsqueeze(1)).sum(-1))
        y = torch.stack(ys, dim=1)
        return self.out_proj((y + self.D * u) * functional.silu(gate))


class Block(nn.Module):
    """Normed, mixed, added."""

    def __init__(self, d_model: int, d_state: int, d_conv: int, expand: int) -> None:
        super().__init__()
        self.mixer = Mixer(d_model, d_state, d_conv, expand)
        self.norm = nn.RMSNorm(d_model, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.mixer(self.norm(x))


class Backbone(nn.Module):
    """All but the head."""

    def __init__(
        self, vocab_size: int, d_model: int, depth: int, d_state: int, d_conv: int, expand: int
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        self.layers = nn.ModuleList(Block(d_model, d_state, d_conv, expand) for _ in range(depth))
        self.norm_f = nn.RMSNorm(d_model, eps=1e-5)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.norm_f(x)


class Mamba(nn.Module):
    """Of 130 million parameters where nothing else is given."""

    def __init__(
        self,
        vocab_size: int = 50280,
        d_model: int = 768,
        depth: int = 24,
        d_state: int = 16,
        d_conv: int = 4,
        expand: int = 2,
    ) -> None:
        super().__init__()
        self.backbone = Backbone(vocab_size, d_model, depth, d_state, d_conv, expand)
        self.lm_head = nn.Linear(d_model, vocab_size, bias=False)
        self.lm_head.weight = self.backbone.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.lm_head(self.backbone(tokens))
