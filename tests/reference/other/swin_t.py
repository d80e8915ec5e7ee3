"""The Swin Transformer: attention within windows that are shifted by turns."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class PatchMerging(nn.Module):
    """Four neighbours become one."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        x0 = x[..., 0::2, 0::2, :]
        x1 = x[..., 1::2, 0::2, :]
        x2 = x[..., 0::2, 1::2, :]
        x3 = x[..., 1::2, 1::2, :]
        return self.reduction(self.norm(torch.cat([x0, x1, x2, x3], -1)))


class ShiftedWindowAttention(nn.Module):
    """Attention within windows, with a bias for each relative position."""

    def __init__(self, dim: int, window: int, shift: int, heads: int) -> None:
        super().__init__()
        self.window, self.shift, self.heads = window, shift, heads
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)
        table = torch.zeros((2 * window - 1) ** 2, heads)
        self.relative_position_bias_table = nn.Parameter(table)
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        places = torch.arange(window)
        coords = torch.flatten(torch.stack(torch.meshgrid(places, places, indexing="ij")), 1)
        relative = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0).contiguous()
        relative += window - 1
        relative[:, :, 0] *= 2 * window - 1
        self.register_buffer("relative_position_index", relative.sum(-1).flatten())

    def mask(self, height: int, width: int, shift: Sequence[int]) -> Tensor:
        """Which places of a window are none of each other's business."""
        mask = torch.zeros((height, width))
        slices = [((0, -self.window), (-self.window, -step), (-step, None)) for step in shift]
        count = 0
        for rows in slices[0]:
            for columns in slices[1]:
                mask[rows[0] : rows[1], columns[0] : columns[1]] = count
                count += 1
        side = self.window
        mask = mask.view(height // side, side, width // side, side)
        mask = mask.permute(0, 2, 1, 3).reshape(-1, side * side)
        apart = mask.unsqueeze(1) - mask.unsqueeze(2)
        return apart.masked_fill(apart != 0, -100.0).masked_fill(apart == 0, 0.0)

    def forward(self, input: Tensor) -> Tensor:
        batch, height, width, channels = input.shape
        side = self.window
        right, below = (side - width % side) % side, (side - height % side) % side
        x = functional.pad(input, (0, 0, 0, right, 0, below))
        _, high, wide, _ = x.shape
        shift = [0 if side >= size else self.shift for size in (high, wide)]
        if sum(shift) > 0:
            x = torch.roll(x, shifts=(-shift[0], -shift[1]), dims=(1, 2))
        windows = (high // side) * (wide // side)
        x = x.view(batch, high // side, side, wide // side, side, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(batch * windows, side * side, channels)
        qkv = self.qkv(x).reshape(x.size(0), x.size(1), 3, self.heads, channels // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attn = (q * (channels // self.heads) ** -0.5).matmul(k.transpose(-2, -1))
        bias = self.relative_position_bias_table[self.get_buffer("relative_position_index")]
        attn = attn + bias.view(side * side, side * side, -1).permute(2, 0, 1).contiguous()
        if sum(shift) > 0:
            mask = self.mask(high, wide, shift)
            attn = attn.view(batch, windows, self.heads, side * side, side * side)
            attn = attn + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.heads, side * side, side * side)
        attn = functional.softmax(attn, dim=-1)
        x = attn.matmul(v).transpose(1, 2).reshape(x.size(0), x.size(1), channels)
        x = self.proj(x)
        x = x.view(batch, high // side, wide // side, side, side, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(batch, high, wide, channels)
        if sum(shift) > 0:
            x = torch.roll(x, shifts=(shift[0], shift[1]), dims=(1, 2))
        return x[:, :height, :width, :].contiguous()


class SwinBlock(nn.Module):
    """Attention and full connections, which are left out at random for single images."""

    def __init__(self, dim: int, heads: int, window: int, shift: int, rate: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = ShiftedWindowAttention(dim, window, shift, heads)
        self.rate = rate
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(4 * dim, dim),
            nn.Dropout(0.0),
        )

    def kept(self, x: Tensor) -> Tensor:
        """The branch, or nothing."""
        if not self.training or self.rate == 0:
            return x
        noise = torch.bernoulli(torch.full((x.shape[0], 1, 1, 1), 1 - self.rate))
        return x * noise / (1 - self.rate)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.kept(self.attn(self.norm1(x)))
        return x + self.kept(self.mlp(self.norm2(x)))


class SwinTransformer(nn.Module):
    """Four stages; tiny where no other widths are given."""

    def __init__(
        self,
        classes: int = 1000,
        size: int = 224,
        embed_dim: int = 96,
        depths: Sequence[int] = (2, 2, 6, 2),
        heads: Sequence[int] = (3, 6, 12, 24),
        window: int = 7,
        drop_path: float = 0.2,
    ) -> None:
        super().__init__()
        del size
        stem: list[nn.Module] = [nn.Conv2d(3, embed_dim, 4, 4), ToLast(), nn.LayerNorm(embed_dim)]
        layers: list[nn.Module] = [nn.Sequential(*stem)]
        done, dim = 0, embed_dim
        for stage, depth in enumerate(depths):
            blocks = []
            for i in range(depth):
                rate = drop_path * done / (sum(depths) - 1)
                shift = 0 if i % 2 == 0 else window // 2
                blocks.append(SwinBlock(dim, heads[stage], window, shift, rate))
                done += 1
            layers.append(nn.Sequential(*blocks))
            if stage < len(depths) - 1:
                layers.append(PatchMerging(dim))
                dim *= 2
        self.features = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.features(x))
        return self.head(x.mean((1, 2)))


class ToLast(nn.Module):
    """Channels last."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1)
