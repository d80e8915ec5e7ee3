"""DETR: a ResNet-50 with frozen batch norm, a transformer, and object queries."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class FrozenBatchNorm2d(nn.Module):
    """Batch norm whose statistics and weights are fixed."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(n))
        self.register_buffer("bias", torch.zeros(n))
        self.register_buffer("running_mean", torch.zeros(n))
        self.register_buffer("running_var", torch.ones(n))

    def forward(self, x: Tensor) -> Tensor:
        w, b, rv, rm = (
            self.get_buffer(name).reshape(1, -1, 1, 1)
            for name in ("weight", "bias", "running_var", "running_mean")
        )
        scale = w * (rv + 1e-5).rsqrt()
        return x * scale + (b - rm * scale)


class Bottleneck(nn.Module):
    """Three convolutions and a way around."""

    def __init__(self, inp: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inp, planes, 1, bias=False)
        self.bn1 = FrozenBatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn2 = FrozenBatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, planes * 4, 1, bias=False)
        self.bn3 = FrozenBatchNorm2d(planes * 4)
        self.downsample = None
        if stride != 1 or inp != planes * 4:
            self.downsample = nn.Sequential(
                nn.Conv2d(inp, planes * 4, 1, stride, bias=False), FrozenBatchNorm2d(planes * 4)
            )

    def forward(self, x: Tensor) -> Tensor:
        out = functional.relu(self.bn1(self.conv1(x)))
        out = functional.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return functional.relu(out + (x if self.downsample is None else self.downsample(x)))


class Body(nn.Module):
    """ResNet-50."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = FrozenBatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._layer(64, 64, 3, 1)
        self.layer2 = self._layer(256, 128, 4, 2)
        self.layer3 = self._layer(512, 256, 6, 2)
        self.layer4 = self._layer(1024, 512, 3, 2)

    def _layer(self, inp: int, planes: int, blocks: int, stride: int) -> nn.Sequential:
        rest = [Bottleneck(planes * 4, planes, 1) for _ in range(blocks - 1)]
        return nn.Sequential(Bottleneck(inp, planes, stride), *rest)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(functional.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class Backbone(nn.Module):
    """The body under its name."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Body()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


def sine_positions(mask: Tensor, features: int) -> Tensor:
    """Waves of the place among those that are seen."""
    y_embed = (~mask).cumsum(1, dtype=torch.float32)
    x_embed = (~mask).cumsum(2, dtype=torch.float32)
    y_embed = y_embed / (y_embed[:, -1:, :] + 1e-6) * (2 * math.pi)
    x_embed = x_embed / (x_embed[:, :, -1:] + 1e-6) * (2 * math.pi)
    dim_t = torch.arange(features)
    rate = 10000 ** (2 * (dim_t // 2) / features)
    pos_x, pos_y = x_embed[:, :, :, None] / rate, y_embed[:, :, :, None] / rate
    pos_x = torch.stack((pos_x[:, :, :, 0::2].sin(), pos_x[:, :, :, 1::2].cos()), dim=4).flatten(3)
    pos_y = torch.stack((pos_y[:, :, :, 0::2].sin(), pos_y[:, :, :, 1::2].cos()), dim=4).flatten(3)
    return torch.cat((pos_y, pos_x), dim=3).permute(0, 3, 1, 2)


class EncoderLayer(nn.Module):
    """Attention and full connections, normed afterwards."""

    def __init__(self, d: int, heads: int, feedforward: int, rate: float) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(d, heads, dropout=rate)
        self.linear1 = nn.Linear(d, feedforward)
        self.linear2 = nn.Linear(feedforward, d)
        self.norm1 = nn.LayerNorm(d)
        self.norm2 = nn.LayerNorm(d)
        self.dropout = nn.Dropout(rate)

    def forward(self, src: Tensor, mask: Tensor, pos: Tensor) -> Tensor:
        q = src + pos
        src2 = self.self_attn(q, q, value=src, key_padding_mask=mask)[0]
        src = self.norm1(src + self.dropout(src2))
        src2 = self.linear2(self.dropout(functional.relu(self.linear1(src))))
        return self.norm2(src + self.dropout(src2))


class DecoderLayer(nn.Module):
    """Attention to the queries, to the image, and full connections."""

    def __init__(self, d: int, heads: int, feedforward: int, rate: float) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(d, heads, dropout=rate)
        self.multihead_attn = nn.MultiheadAttention(d, heads, dropout=rate)
        self.linear1 = nn.Linear(d, feedforward)
        self.linear2 = nn.Linear(feedforward, d)
        self.norm1 = nn.LayerNorm(d)
        self.norm2 = nn.LayerNorm(d)
        self.norm3 = nn.LayerNorm(d)
        self.dropout = nn.Dropout(rate)

    def forward(
        self, tgt: Tensor, memory: Tensor, mask: Tensor, pos: Tensor, query_pos: Tensor
    ) -> Tensor:
        q = tgt + query_pos
        tgt = self.norm1(tgt + self.dropout(self.self_attn(q, q, value=tgt)[0]))
        read = self.multihead_attn(
            query=tgt + query_pos, key=memory + pos, value=memory, key_padding_mask=mask
        )[0]
        tgt = self.norm2(tgt + self.dropout(read))
        tgt2 = self.linear2(self.dropout(functional.relu(self.linear1(tgt))))
        return self.norm3(tgt + self.dropout(tgt2))


class Layers(nn.Module):
    """Layers under their name, and a norm."""

    def __init__(self, layers: list[nn.Module], norm: nn.Module | None) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = norm


class Transformer(nn.Module):
    """An encoder and a decoder."""

    def __init__(self, d: int, heads: int, depth: int, feedforward: int, rate: float) -> None:
        super().__init__()
        encoder = [EncoderLayer(d, heads, feedforward, rate) for _ in range(depth)]
        decoder = [DecoderLayer(d, heads, feedforward, rate) for _ in range(depth)]
        self.encoder = Layers([*encoder], None)
        self.decoder = Layers([*decoder], nn.LayerNorm(d))

    def forward(self, src: Tensor, mask: Tensor, query_embed: Tensor, pos: Tensor) -> Tensor:
        batch = src.shape[0]
        memory = src.flatten(2).permute(2, 0, 1)
        pos = pos.flatten(2).permute(2, 0, 1)
        query_pos = query_embed.unsqueeze(1).repeat(1, batch, 1)
        mask = mask.flatten(1)
        for layer in self.encoder.layers:
            memory = layer(memory, mask, pos)
        tgt = torch.zeros_like(query_pos)
        found = []
        assert self.decoder.norm is not None
        for layer in self.decoder.layers:
            tgt = layer(tgt, memory, mask, pos, query_pos)
            found.append(tgt)
        return self.decoder.norm(torch.stack(found))


class MLP(nn.Module):
    """Three layers."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        sizes = [(hidden, hidden), (hidden, hidden), (hidden, 4)]
        self.layers = nn.ModuleList(nn.Linear(n, k) for n, k in sizes)

    def forward(self, x: Tensor) -> Tensor:
        for i, layer in enumerate(self.layers):
            x = functional.relu(layer(x)) if i < 2 else layer(x)
        return x


class DETR(nn.Module):
    """With a hidden width of 256 where no other is given."""

    def __init__(
        self,
        classes: int = 91,
        queries: int = 100,
        hidden: int = 256,
        heads: int = 8,
        depth: int = 6,
        feedforward: int = 2048,
        rate: float = 0.1,
    ) -> None:
        super().__init__()
        self.transformer = Transformer(hidden, heads, depth, feedforward, rate)
        self.class_embed = nn.Linear(hidden, classes + 1)
        self.bbox_embed = MLP(hidden)
        self.query_embed = nn.Embedding(queries, hidden)
        self.input_proj = nn.Conv2d(2048, hidden, kernel_size=1)
        self.backbone = nn.Sequential(Backbone())
        self.hidden = hidden

    def forward(self, image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        src = self.input_proj(self.backbone(image))
        pos = sine_positions(mask, self.hidden // 2)
        hs = self.transformer(src, mask, self.query_embed.weight, pos)
        return self.class_embed(hs), self.bbox_embed(hs).sigmoid()
