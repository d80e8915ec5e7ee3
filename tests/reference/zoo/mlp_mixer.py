"""Full connections across patches, and across channels."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MLP(nn.Module):
    """Two full connections."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.fc2(nn.functional.gelu(self.fc1(x)))
        return made


class MixerBlock(nn.Module):
    """Mixes 49 patches, then 512 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(512, eps=1e-6)
        self.mlp_tokens = MLP(49, 256)
        self.norm2 = nn.LayerNorm(512, eps=1e-6)
        self.mlp_channels = MLP(512, 2048)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.mlp_tokens(self.norm1(x).mT).mT
        return torch.add(x, self.mlp_channels(self.norm2(x)))


class Stem(nn.Module):
    """Patches of 32 x 32 to 512 numbers each."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, 512, 32, 32)

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.proj(image)
        return made.flatten(2).mT


class MLPMixer(nn.Module):
    """Eight blocks, for images of 224 x 224."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Stem()
        self.blocks = nn.Sequential(*(MixerBlock() for _ in range(8)))
        self.norm = nn.LayerNorm(512, eps=1e-6)
        self.head = nn.Linear(512, 1000)

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.head(self.norm(self.blocks(self.stem(image))).mean(1))
        return made
