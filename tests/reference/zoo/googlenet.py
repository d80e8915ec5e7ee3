"""Inception blocks: four ways side by side."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def chain(inputs: int, *parts: tuple[int, int]) -> list[nn.Module]:
    """Convolutions of (channels, size), each normalized."""
    layers: list[nn.Module] = []
    for channels, size in parts:
        layers += [
            nn.Conv2d(inputs, channels, size, padding=size // 2),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        ]
        inputs = channels
    return layers


class Inception(nn.Module):
    """1 x 1; 3 x 3; 5 x 5, made of two of 3 x 3; and pooling."""

    def __init__(self, inputs: int, one: int, three: list[int], five: list[int], pool: int) -> None:
        super().__init__()
        self.b1 = nn.Sequential(*chain(inputs, (one, 1)))
        self.b2 = nn.Sequential(*chain(inputs, (three[0], 1), (three[1], 3)))
        self.b3 = nn.Sequential(*chain(inputs, (five[0], 1), (five[1], 3), (five[1], 3)))
        self.b4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), *chain(inputs, (pool, 1)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.b1(x), self.b2(x), self.b3(x), self.b4(x)], 1)


class GoogLeNet(nn.Module):
    """Nine such blocks, for images of 32 x 32."""

    def __init__(self) -> None:
        super().__init__()
        self.pre_layers = nn.Sequential(*chain(3, (192, 3)))
        self.a3 = Inception(192, 64, [96, 128], [16, 32], 32)
        self.b3 = Inception(256, 128, [128, 192], [32, 96], 64)
        self.a4 = Inception(480, 192, [96, 208], [16, 48], 64)
        self.b4 = Inception(512, 160, [112, 224], [24, 64], 64)
        self.c4 = Inception(512, 128, [128, 256], [24, 64], 64)
        self.d4 = Inception(512, 112, [144, 288], [32, 64], 64)
        self.e4 = Inception(528, 256, [160, 320], [32, 128], 128)
        self.a5 = Inception(832, 256, [160, 320], [32, 128], 128)
        self.b5 = Inception(832, 384, [192, 384], [48, 128], 128)
        self.linear = nn.Linear(1024, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = self.b3(self.a3(self.pre_layers(image)))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        x = self.e4(self.d4(self.c4(self.b4(self.a4(x)))))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        x = nn.functional.avg_pool2d(self.b5(self.a5(x)), 8)
        made: Tensor = self.linear(x.flatten(1))
        return made
