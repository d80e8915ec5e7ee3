"""A small U-Net."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Double(nn.Module):
    """Two convolutions with normalization."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.conv2d1 = nn.Conv2d(inputs, channels, 3, padding=1, bias=False)
        self.batch_norm2d1 = nn.BatchNorm2d(channels)
        self.conv2d2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.batch_norm2d2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.batch_norm2d1(self.conv2d1(x)))
        return torch.relu(self.batch_norm2d2(self.conv2d2(x)))


class Up(nn.Module):
    """Twice the size, joined with what was there before."""

    def __init__(self, inputs: int, skip: int, channels: int) -> None:
        super().__init__()
        self.grow = nn.ConvTranspose2d(inputs, channels, 2, 2)
        self.refine = Double(channels + skip, channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        made: Tensor = self.refine(torch.cat([self.grow(x), skip], 1))
        return made


class UNet(nn.Module):
    """Down twice, up twice."""

    def __init__(self) -> None:
        super().__init__()
        self.down1 = Double(2, 8)
        self.down2 = Double(8, 16)
        self.bottom = Double(16, 32)
        self.up2 = Up(32, 16, 16)
        self.up1 = Up(16, 8, 8)
        self.head = nn.Conv2d(8, 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        one = self.down1(image)
        two = self.down2(nn.functional.max_pool2d(one, 2))
        x = self.bottom(nn.functional.max_pool2d(two, 2))
        made: Tensor = self.head(self.up1(self.up2(x, two), one))
        return made
