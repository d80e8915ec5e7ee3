"""A decoder in the manner of Llama 3."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn pairs of features, half of the width apart, by their angles."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


class Attention(nn.Module):
    """Several heads of queries share one of keys and values."""

    def __init__(self, hidden_size: int, heads: int, kv_heads: int, theta: float) -> None:
        super().__init__()
        self.head_dim = hidden_size // heads
        self.theta = theta
        self.q_proj = nn.Linear(hidden_size, heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(hidden_size, kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(hidden_size, kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(heads * self.head_dim, hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        batch, time, _ = x.shape
        q = self.q_proj(x).view(batch, time, -1, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(batch, time, -1, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(batch, time, -1, self.head_dim).transpose(1, 2)
        speeds = self.theta ** (-torch.arange(0, self.head_dim, 2, device=x.device) / self.head_dim)
        angles = torch.outer(torch.arange(time, device=x.device), speeds)
        angles = torch.cat([angles, angles], dim=-1)
        q = rotate(q, angles.cos(), angles.sin())
        k = rotate(k, angles.cos(), angles.sin())
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).flatten(2))


class MLP(nn.Module):
    """SwiGLU: one half gates the other."""

    def __init__(self, hidden_size: int, intermediate_size: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.up_proj = nn.Linear(hidden_size, intermediate_size, bias=False)
        self.down_proj = nn.Linear(intermediate_size, hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(nn.Module):
    """Attention and full connections, both with a way around."""

    def __init__(
        self, hidden_size: int, heads: int, kv_heads: int, intermediate_size: int, theta: float
    ) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(hidden_size, eps=1e-5)
        self.self_attn = Attention(hidden_size, heads, kv_heads, theta)
        self.post_attention_layernorm = nn.RMSNorm(hidden_size, eps=1e-5)
        self.mlp = MLP(hidden_size, intermediate_size)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    """Scores for each next token."""

    def __init__(
        self,
        vocab_size: int = 1000,
        hidden_size: int = 256,
        heads: int = 8,
        kv_heads: int = 2,
        depth: int = 4,
        intermediate_size: int = 688,
        theta: float = 500000.0,
    ) -> None:
        super().__init__()
        if hidden_size % heads != 0 or hidden_size // heads % 2 != 0:
            raise ValueError("hidden_size must be an even number times heads")
        if heads % kv_heads != 0:
            raise ValueError("heads must be a multiple of kv_heads")
        self.model = nn.ModuleDict(
            {
                "embed_tokens": nn.Embedding(vocab_size, hidden_size),
                "layers": nn.ModuleList(
                    DecoderLayer(hidden_size, heads, kv_heads, intermediate_size, theta)
                    for _ in range(depth)
                ),
                "norm": nn.RMSNorm(hidden_size, eps=1e-5),
            }
        )
        self.lm_head = nn.Linear(hidden_size, vocab_size, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, input_ids: Tensor) -> Tensor:
        x = self.model["embed_tokens"](input_ids)
        for layer in self.model["layers"].children():
            x = layer(x)
        return self.lm_head(self.model["norm"](x))
