"""RegNetY: residual bottlenecks with grouped convolutions, squeeze and excitation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def conv_norm(
    inp: int, out: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True
) -> nn.Sequential:
    """A convolution, batch norm and, mostly, ReLU."""
    conv = nn.Conv2d(inp, out, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out), *([nn.ReLU(inplace=True)] if act else []))


class SqueezeExcitation(nn.Module):
    """Scales the channels by what they all say."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, input: Tensor) -> Tensor:
        scale = self.fc2(torch.relu(self.fc1(self.avgpool(input))))
        return torch.sigmoid(scale) * input


class ResBottleneckBlock(nn.Module):
    """1 x 1, grouped 3 x 3, squeeze and excitation, 1 x 1."""

    def __init__(self, inp: int, out: int, stride: int, group_width: int) -> None:
        super().__init__()
        self.proj = None
        if inp != out or stride != 1:
            self.proj = conv_norm(inp, out, 1, stride, act=False)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["a"] = conv_norm(inp, out, 1)
        layers["b"] = conv_norm(out, out, 3, stride, groups=out // group_width)
        layers["se"] = SqueezeExcitation(out, round(0.25 * inp))
        layers["c"] = conv_norm(out, out, 1, act=False)
        self.f = nn.Sequential(layers)

    def forward(self, x: Tensor) -> Tensor:
        around = x if self.proj is None else self.proj(x)
        return torch.relu(around + self.f(x))


class RegNet(nn.Module):
    """Four stages; of 400 MF where no other widths are given."""

    def __init__(
        self,
        classes: int = 1000,
        widths: Sequence[int] = (48, 104, 208, 440),
        depths: Sequence[int] = (1, 3, 6, 6),
        group_width: int = 8,
    ) -> None:
        super().__init__()
        self.stem = conv_norm(3, 32, 3, 2)
        inp = 32
        stages: OrderedDict[str, nn.Module] = OrderedDict()
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            blocks: OrderedDict[str, nn.Module] = OrderedDict()
            for j in range(depth):
                stride = 2 if j == 0 else 1
                blocks[f"block{i + 1}-{j}"] = ResBottleneckBlock(inp, width, stride, group_width)
                inp = width
            stages[f"block{i + 1}"] = nn.Sequential(blocks)
        self.trunk_output = nn.Sequential(stages)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inp, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.trunk_output(self.stem(x)))
        return self.fc(x.flatten(1))
