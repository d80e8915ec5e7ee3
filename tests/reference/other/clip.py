"""CLIP: a vision transformer and a text transformer, compared by cosines."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn


class QuickGELU(nn.Module):
    """An approximation."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class ResidualAttentionBlock(nn.Module):
    """Attention and full connections."""

    def __init__(self, d_model: int, n_head: int, causal: bool) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(d_model, n_head)
        self.ln_1 = nn.LayerNorm(d_model)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["c_fc"] = nn.Linear(d_model, d_model * 4)
        layers["gelu"] = QuickGELU()
        layers["c_proj"] = nn.Linear(d_model * 4, d_model)
        self.mlp = nn.Sequential(layers)
        self.ln_2 = nn.LayerNorm(d_model)
        self.causal = causal

    def forward(self, x: Tensor) -> Tensor:
        mask = None
        if self.causal:
            mask = torch.empty(x.shape[0], x.shape[0]).fill_(float("-inf")).triu_(1)
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Blocks in a row."""

    def __init__(self, width: int, layers: int, causal: bool) -> None:
        super().__init__()
        blocks = [ResidualAttentionBlock(width, width // 64, causal) for _ in range(layers)]
        self.resblocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.resblocks(x)


class VisionTransformer(nn.Module):
    """The tower of images."""

    def __init__(self, size: int, patch: int, width: int, layers: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, kernel_size=patch, stride=patch, bias=False)
        scale = width**-0.5
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(
            scale * torch.randn((size // patch) ** 2 + 1, width)
        )
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers, False)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, out))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        x = x.reshape(x.shape[0], x.shape[1], -1).permute(0, 2, 1)
        first = self.class_embedding + torch.zeros(x.shape[0], 1, x.shape[-1])
        x = torch.cat([first, x], dim=1) + self.positional_embedding
        x = self.ln_pre(x).permute(1, 0, 2)
        x = self.transformer(x).permute(1, 0, 2)
        return self.ln_post(x[:, 0, :]) @ self.proj


class CLIP(nn.Module):
    """ViT-B/32 where nothing else is given."""

    def __init__(
        self,
        embed_dim: int = 512,
        size: int = 224,
        vision_width: int = 768,
        vision_layers: int = 12,
        patch: int = 32,
        context: int = 77,
        vocab_size: int = 49408,
        text_width: int = 512,
        text_layers: int = 12,
    ) -> None:
        super().__init__()
        self.visual = VisionTransformer(size, patch, vision_width, vision_layers, embed_dim)
        self.transformer = Transformer(text_width, text_layers, True)
        self.token_embedding = nn.Embedding(vocab_size, text_width)
        self.positional_embedding = nn.Parameter(torch.empty(context, text_width))
        self.ln_final = nn.LayerNorm(text_width)
        self.text_projection = nn.Parameter(torch.empty(text_width, embed_dim))
        self.logit_scale = nn.Parameter(torch.ones([]) * math.log(1 / 0.07))

    def encode_text(self, text: Tensor) -> Tensor:
        """What the last token of each text has read."""
        x = self.token_embedding(text) + self.positional_embedding
        x = self.transformer(x.permute(1, 0, 2)).permute(1, 0, 2)
        x = self.ln_final(x)
        return x[torch.arange(x.shape[0]), text.argmax(dim=-1)] @ self.text_projection

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        seen, read = self.visual(image), self.encode_text(text)
        seen = seen / seen.norm(dim=1, keepdim=True)
        read = read / read.norm(dim=1, keepdim=True)
        per_image = self.logit_scale.exp() * seen @ read.t()
        return per_image, per_image.t()
