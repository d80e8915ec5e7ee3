"""The vision transformer of base size, with patches of 16 x 16."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn


class EncoderBlock(nn.Module):
    """Attention and full connections, both with a way around."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width, eps=1e-6)
        self.self_attention = nn.MultiheadAttention(width, 12, batch_first=True)
        self.ln_2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Identity(),
            nn.Linear(4 * width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.self_attention(y, y, y, need_weights=False)[0]
        return torch.add(x, self.mlp(self.ln_2(x)))


class Encoder(nn.Module):
    """Positions and twelve blocks."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.layers = nn.Sequential(
            OrderedDict((f"encoder_layer_{i}", EncoderBlock(width)) for i in range(12))
        )
        self.ln = nn.LayerNorm(width, eps=1e-6)
        nn.init.normal_(self.pos_embedding, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return self.ln(self.layers(x + self.pos_embedding))


class ViT(nn.Module):
    """For images of 224 x 224 where no other size is given."""

    def __init__(self, size: int = 224, width: int = 768) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.conv_proj = nn.Conv2d(3, width, 16, 16)
        self.encoder = Encoder((size // 16) ** 2 + 1, width)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(width, 1000)))
        nn.init.trunc_normal_(self.conv_proj.weight, std=(3 * 16 * 16) ** -0.5)
        for name, parameter in self.encoder.named_parameters():
            if name.endswith(("mlp.0.weight", "mlp.3.weight")):
                nn.init.xavier_uniform_(parameter)
            elif name.endswith(("mlp.0.bias", "mlp.3.bias")):
                nn.init.normal_(parameter, std=1e-6)
        for parameter in self.heads.parameters():
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_proj(image).flatten(2).mT
        x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1)
        return self.heads(self.encoder(x)[:, 0])
