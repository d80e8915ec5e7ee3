"""EfficientNet-B0: inverted residuals with squeeze and excitation."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv_norm(
    inp: int, out: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True
) -> nn.Sequential:
    """A convolution, batch norm and, mostly, SiLU."""
    padding = (kernel - 1) // 2
    layers: list[nn.Module] = [
        nn.Conv2d(inp, out, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(out),
    ]
    return nn.Sequential(*layers, *([nn.SiLU(inplace=True)] if act else []))


class SqueezeExcitation(nn.Module):
    """Scales the channels by what they all say."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, input: Tensor) -> Tensor:
        scale = self.fc2(functional.silu(self.fc1(self.avgpool(input))))
        return torch.sigmoid(scale) * input


class MBConv(nn.Module):
    """An inverted residual block."""

    def __init__(
        self, inp: int, out: int, kernel: int, stride: int, expand: int, rate: float
    ) -> None:
        super().__init__()
        self.adds = stride == 1 and inp == out
        self.rate = rate
        hidden = inp * expand
        layers: list[nn.Module] = [conv_norm(inp, hidden, 1)] if expand != 1 else []
        layers.append(conv_norm(hidden, hidden, kernel, stride, groups=hidden))
        layers.append(SqueezeExcitation(hidden, max(1, inp // 4)))
        layers.append(conv_norm(hidden, out, 1, act=False))
        self.block = nn.Sequential(*layers)

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = self.block(input)
        if not self.adds:
            return result
        if self.training and self.rate > 0:
            kept = 1 - self.rate
            noise = torch.bernoulli(torch.full((input.shape[0], 1, 1, 1), kept))
            result = result * noise / kept
        return input + result


class EfficientNet(nn.Module):
    """B0."""

    def __init__(self, classes: int = 1000, dropout: float = 0.2, drop_path: float = 0.2) -> None:
        super().__init__()
        settings = [
            (1, 3, 1, 16, 1),
            (6, 3, 2, 24, 2),
            (6, 5, 2, 40, 2),
            (6, 3, 2, 80, 3),
            (6, 5, 1, 112, 3),
            (6, 5, 2, 192, 4),
            (6, 3, 1, 320, 1),
        ]
        layers: list[nn.Module] = [conv_norm(3, 32, 3, 2)]
        inp, done = 32, 0
        for expand, kernel, stride, out, repeats in settings:
            stage = []
            for i in range(repeats):
                rate = drop_path * done / 16
                stage.append(MBConv(inp, out, kernel, stride if i == 0 else 1, expand, rate))
                inp, done = out, done + 1
            layers.append(nn.Sequential(*stage))
        layers.append(conv_norm(inp, 1280, 1))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True), nn.Linear(1280, classes))
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out")
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
            elif isinstance(m, nn.Linear):
                bound = 1 / math.sqrt(m.out_features)
                nn.init.uniform_(m.weight, -bound, bound)
                nn.init.zeros_(m.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))
