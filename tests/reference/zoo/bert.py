"""BERT that classifies texts, as Hugging Face names its parts."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Embeddings(nn.Module):
    """Words, places and the one type of token."""

    def __init__(self, vocab_size: int, width: int, longest: int, dropout: float) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, width, padding_idx=0)
        self.position_embeddings = nn.Embedding(longest, width)
        self.token_type_embeddings = nn.Embedding(2, width)
        self.LayerNorm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor) -> Tensor:
        x = self.word_embeddings(input_ids)
        x = x + self.token_type_embeddings(torch.zeros_like(input_ids))
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = x + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class SelfAttention(nn.Module):
    """Each token looks at all that are no padding."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, time, width = x.shape
        q = self.query(x).view(batch, time, self.heads, -1).transpose(1, 2)
        k = self.key(x).view(batch, time, self.heads, -1).transpose(1, 2)
        v = self.value(x).view(batch, time, self.heads, -1).transpose(1, 2)
        dropout = self.dropout if self.training else 0.0
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        return y.transpose(1, 2).reshape(batch, time, width)


class Output(nn.Module):
    """Back to the width, with a way around."""

    def __init__(self, inner: int, width: int, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)
        self.LayerNorm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, around: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + around)


class Attention(nn.Module):
    """Attention, and its way around."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.self = SelfAttention(width, heads, dropout)
        self.output = Output(width, width, dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.output(self.self(x, mask), x)


class Intermediate(nn.Module):
    """Wider in the middle."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, inner)

    def forward(self, x: Tensor) -> Tensor:
        return functional.gelu(self.dense(x))


class Layer(nn.Module):
    """One of the encoder's layers."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.intermediate = Intermediate(width, inner)
        self.output = Output(inner, width, dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention(x, mask)
        return self.output(self.intermediate(x), x)


class Pooler(nn.Module):
    """The first token stands for the text."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.dense(x[:, 0]))


class Bert(nn.Module):
    """Scores of each label."""

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 768,
        depth: int = 12,
        heads: int = 12,
        intermediate_size: int = 3072,
        longest: int = 512,
        dropout: float = 0.1,
        labels: int = 2,
    ) -> None:
        super().__init__()
        if hidden_size % heads != 0:
            raise ValueError("hidden_size must be a multiple of heads")
        layers = nn.ModuleList(
            Layer(hidden_size, heads, intermediate_size, dropout) for _ in range(depth)
        )
        self.bert = nn.ModuleDict(
            {
                "embeddings": Embeddings(vocab_size, hidden_size, longest, dropout),
                "encoder": nn.ModuleDict({"layer": layers}),
                "pooler": Pooler(hidden_size),
            }
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden_size, labels)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask[:, None, None, :] != 0
        x = self.bert["embeddings"](input_ids)
        for layer in self.get_submodule("bert.encoder.layer").children():
            x = layer(x, mask)
        return self.classifier(self.dropout(self.bert["pooler"](x)))
