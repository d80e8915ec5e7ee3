"""MobileNetV3, small: inverted residuals, some with squeeze and excitation and hard swish."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def divisible(value: float) -> int:
    """The multiple of 8 that is nearest, and not below nine tenths."""
    made = max(8, int(value + 4) // 8 * 8)
    return made + 8 if made < 0.9 * value else made


def conv_norm(
    inp: int, out: int, kernel: int, stride: int, groups: int, act: type[nn.Module] | None
) -> nn.Sequential:
    """A convolution, batch norm and an activation."""
    return nn.Sequential(
        nn.Conv2d(inp, out, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
        *([] if act is None else [act()]),
    )


class SqueezeExcitation(nn.Module):
    """Scales the channels by what they all say."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, input: Tensor) -> Tensor:
        scale = self.fc2(functional.relu(self.fc1(self.avgpool(input))))
        return functional.hardsigmoid(scale) * input


class InvertedResidual(nn.Module):
    """Wider, depthwise, narrow."""

    def __init__(
        self, inp: int, kernel: int, hidden: int, out: int, se: bool, hard: bool, stride: int
    ) -> None:
        super().__init__()
        self.adds = stride == 1 and inp == out
        act = nn.Hardswish if hard else nn.ReLU
        layers: list[nn.Module] = []
        if hidden != inp:
            layers.append(conv_norm(inp, hidden, 1, 1, 1, act))
        layers.append(conv_norm(hidden, hidden, kernel, stride, hidden, act))
        if se:
            layers.append(SqueezeExcitation(hidden, divisible(hidden // 4)))
        layers.append(conv_norm(hidden, out, 1, 1, 1, None))
        self.block = nn.Sequential(*layers)

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = self.block(input)
        return input + result if self.adds else result


class MobileNetV3(nn.Module):
    """The small one."""

    def __init__(self, classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        settings = [
            (3, 16, 16, True, False, 2),
            (3, 72, 24, False, False, 2),
            (3, 88, 24, False, False, 1),
            (5, 96, 40, True, True, 2),
            (5, 240, 40, True, True, 1),
            (5, 240, 40, True, True, 1),
            (5, 120, 48, True, True, 1),
            (5, 144, 48, True, True, 1),
            (5, 288, 96, True, True, 2),
            (5, 576, 96, True, True, 1),
            (5, 576, 96, True, True, 1),
        ]
        layers: list[nn.Module] = [conv_norm(3, 16, 3, 2, 1, nn.Hardswish)]
        inp = 16
        for kernel, hidden, out, se, hard, stride in settings:
            layers.append(InvertedResidual(inp, kernel, hidden, out, se, hard, stride))
            inp = out
        layers.append(conv_norm(inp, 576, 1, 1, 1, nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(576, 1024), nn.Hardswish(), nn.Dropout(dropout), nn.Linear(1024, classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))
