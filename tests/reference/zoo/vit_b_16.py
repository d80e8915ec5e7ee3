"""The vision transformer of base size, with patches of 16 x 16."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Attention and full connections, both with a way around."""

    def __init__(self, width: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, num_heads, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(4 * width, width),
            nn.Dropout(dropout),
        )

    def forward(self, input: Tensor) -> Tensor:
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x)
        x = x + input
        y = self.ln_2(x)
        y = self.mlp(y)
        return x + y


class Encoder(nn.Module):
    """Positions and blocks."""

    def __init__(self, tokens: int, width: int, num_heads: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.dropout = nn.Dropout(dropout)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for i in range(depth):
            layers[f"encoder_layer_{i}"] = EncoderBlock(width, num_heads, dropout)
        self.layers = nn.Sequential(layers)
        self.ln = nn.LayerNorm(width, eps=1e-6)
        nn.init.normal_(self.pos_embedding, std=0.02)

    def forward(self, input: Tensor) -> Tensor:
        x = input + self.pos_embedding
        x = self.dropout(x)
        x = self.layers(x)
        return self.ln(x)


class ViT(nn.Module):
    """For images of 224 x 224 where no other size is given."""

    def __init__(
        self,
        classes: int = 1000,
        width: int = 768,
        num_heads: int = 12,
        depth: int = 12,
        patch: int = 16,
        size: int = 224,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if size % patch != 0:
            raise ValueError("size must be a multiple of patch")
        if width % num_heads != 0:
            raise ValueError("width must be a multiple of num_heads")
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, kernel_size=patch, stride=patch)
        tokens = (size // patch) ** 2 + 1
        self.encoder = Encoder(tokens, width, num_heads, depth, dropout)
        heads: OrderedDict[str, nn.Module] = OrderedDict()
        heads["head"] = nn.Linear(width, classes)
        self.heads = nn.Sequential(heads)
        fan_in = 3 * patch**2
        nn.init.trunc_normal_(self.conv_proj.weight, std=math.sqrt(1 / fan_in))
        for block in self.encoder.layers:
            for layer in block.get_submodule("mlp").children():
                if isinstance(layer, nn.Linear):
                    nn.init.xavier_uniform_(layer.weight)
                    nn.init.normal_(layer.bias, std=1e-6)
        for parameter in self.heads.parameters():
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_proj(image)
        x = x.flatten(2).transpose(1, 2)
        token = self.class_token.expand(x.shape[0], -1, -1)
        x = torch.cat([token, x], dim=1)
        x = self.encoder(x)
        x = x[:, 0]
        return self.heads(x)
