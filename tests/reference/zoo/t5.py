"""T5: an encoder and a decoder with relative positions, as Hugging Face names their parts."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def buckets_of(distance: Tensor, causal: bool, buckets: int, longest: int) -> Tensor:
    """Near distances each for themselves, far ones by their logarithm."""
    offset = torch.zeros_like(distance)
    if causal:
        distance = torch.clamp(-distance, min=0)
    else:
        buckets = buckets // 2
        offset = (distance > 0).long() * buckets
        distance = distance.abs()
    exact = buckets // 2
    scaled = torch.log(torch.clamp(distance, min=1) / exact) / math.log(longest / exact)
    far = exact + (scaled * (buckets - exact)).long()
    far = torch.clamp(far, max=buckets - 1)
    return offset + torch.where(distance < exact, distance, far)


class Attention(nn.Module):
    """Attention without scaling; the first of a stack makes the positions' bias."""

    def __init__(
        self,
        d_model: int,
        d_kv: int,
        num_heads: int,
        dropout: float,
        buckets: int,
        longest: int,
        causal: bool,
        has_bias: bool,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.d_kv = d_kv
        self.dropout = dropout
        self.buckets = buckets
        self.longest = longest
        self.causal = causal
        self.q = nn.Linear(d_model, num_heads * d_kv, bias=False)
        self.k = nn.Linear(d_model, num_heads * d_kv, bias=False)
        self.v = nn.Linear(d_model, num_heads * d_kv, bias=False)
        if has_bias:
            self.relative_attention_bias = nn.Embedding(buckets, num_heads)
        self.o = nn.Linear(num_heads * d_kv, d_model, bias=False)

    def position_bias(self, time: int) -> Tensor:
        """What is added to the scores: (1, heads, time, time)."""
        weight = self.relative_attention_bias.weight
        place = torch.arange(time, device=weight.device)
        distance = place[None, :] - place[:, None]
        bucket = buckets_of(distance, self.causal, self.buckets, self.longest)
        bias: Tensor = self.relative_attention_bias(bucket).permute(2, 0, 1).unsqueeze(0)
        if self.causal:
            bias = bias.masked_fill(distance > 0, -math.inf)
        return bias

    def heads(self, x: Tensor) -> Tensor:
        """(batch, time, heads * d_kv) -> (batch, heads, time, d_kv)"""
        batch, time, _ = x.shape
        return x.view(batch, time, self.num_heads, self.d_kv).transpose(1, 2)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor | None) -> Tensor:
        q = self.heads(self.q(x))
        k = self.heads(self.k(memory))
        v = self.heads(self.v(memory))
        dropout = self.dropout if self.training else 0.0
        y = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=bias, dropout_p=dropout, scale=1.0
        )
        y = y.transpose(1, 2).flatten(2)
        return self.o(y)


class SelfAttention(nn.Module):
    """Each token looks at the others."""

    def __init__(self, d_model: int, dropout: float, attention: Attention) -> None:
        super().__init__()
        self.layer_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.SelfAttention = attention
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        normed = self.layer_norm(x)
        y = self.SelfAttention(normed, normed, bias)
        return x + self.dropout(y)


class CrossAttention(nn.Module):
    """Each token looks at what was read."""

    def __init__(self, d_model: int, dropout: float, attention: Attention) -> None:
        super().__init__()
        self.layer_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.EncDecAttention = attention
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        y = self.EncDecAttention(self.layer_norm(x), memory, None)
        return x + self.dropout(y)


class DenseReluDense(nn.Module):
    """Wide in the middle."""

    def __init__(self, d_model: int, d_ff: int, dropout: float) -> None:
        super().__init__()
        self.wi = nn.Linear(d_model, d_ff, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.wo = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.wi(x))
        x = self.dropout(x)
        return self.wo(x)


class FeedForward(nn.Module):
    """Full connections, and a way around."""

    def __init__(self, d_model: int, d_ff: int, dropout: float) -> None:
        super().__init__()
        self.layer_norm = nn.RMSNorm(d_model, eps=1e-6)
        self.DenseReluDense = DenseReluDense(d_model, d_ff, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.DenseReluDense(self.layer_norm(x))
        return x + self.dropout(y)


class Block(nn.Module):
    """The layers of the encoder, or of the decoder."""

    def __init__(
        self,
        d_model: int,
        d_kv: int,
        d_ff: int,
        num_heads: int,
        dropout: float,
        buckets: int,
        longest: int,
        causal: bool,
        has_bias: bool,
    ) -> None:
        super().__init__()
        shape = (d_model, d_kv, num_heads, dropout, buckets, longest, causal)
        self.layer = nn.ModuleList()
        self.layer.append(SelfAttention(d_model, dropout, Attention(*shape, has_bias)))
        if causal:
            self.layer.append(CrossAttention(d_model, dropout, Attention(*shape, False)))
        self.layer.append(FeedForward(d_model, d_ff, dropout))

    def forward(self, x: Tensor, bias: Tensor, memory: Tensor | None) -> Tensor:
        x = self.layer[0](x, bias)
        if memory is not None:
            x = self.layer[1](x, memory)
        return self.layer[-1](x)


class Stack(nn.Module):
    """The encoder, or the decoder."""

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        d_kv: int,
        d_ff: int,
        num_layers: int,
        num_heads: int,
        dropout: float,
        buckets: int,
        longest: int,
        causal: bool,
    ) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocab_size, d_model)
        self.dropout = nn.Dropout(dropout)
        shape = (d_model, d_kv, d_ff, num_heads, dropout, buckets, longest, causal)
        self.block = nn.ModuleList(Block(*shape, has_bias=i == 0) for i in range(num_layers))
        self.final_layer_norm = nn.RMSNorm(d_model, eps=1e-6)

    def forward(self, ids: Tensor, memory: Tensor | None = None) -> Tensor:
        x = self.dropout(self.embed_tokens(ids))
        attention = self.get_submodule("block.0.layer.0.SelfAttention")
        assert isinstance(attention, Attention)
        bias = attention.position_bias(ids.shape[1])
        for block in self.block:
            x = block(x, bias, memory)
        x = self.final_layer_norm(x)
        return self.dropout(x)


class T5(nn.Module):
    """Scores of each next token, and what the encoder made of the text."""

    def __init__(
        self,
        vocab_size: int = 32128,
        d_model: int = 512,
        d_kv: int = 64,
        d_ff: int = 2048,
        num_layers: int = 6,
        num_heads: int = 8,
        buckets: int = 32,
        longest: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if buckets % 4 != 0 or buckets >= 2 * longest:
            raise ValueError("buckets must be a multiple of 4 below twice the longest")
        self.d_model = d_model
        shape = (vocab_size, d_model, d_kv, d_ff, num_layers, num_heads, dropout, buckets, longest)
        self.shared = nn.Embedding(vocab_size, d_model)
        self.encoder = Stack(*shape, causal=False)
        self.decoder = Stack(*shape, causal=True)
        self.lm_head = nn.Linear(d_model, vocab_size, bias=False)
        for name, module in self.named_modules():
            if name.endswith(".q"):
                nn.init.normal_(module.get_parameter("weight"), std=(d_model * d_kv) ** -0.5)
            elif name.endswith(".o"):
                nn.init.normal_(module.get_parameter("weight"), std=(num_heads * d_kv) ** -0.5)
            elif name.endswith(".wo"):
                nn.init.normal_(module.get_parameter("weight"), std=d_ff**-0.5)
            elif name == "shared":
                nn.init.normal_(module.get_parameter("weight"))
            elif isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=d_model**-0.5)
        self.encoder.embed_tokens.weight = self.shared.weight
        self.decoder.embed_tokens.weight = self.shared.weight
        self.lm_head.weight = self.shared.weight

    def forward(self, input_ids: Tensor, decoder_input_ids: Tensor) -> tuple[Tensor, Tensor]:
        memory = self.encoder(input_ids)
        x = self.decoder(decoder_input_ids, memory)
        x = x * self.d_model**-0.5
        return self.lm_head(x), memory
