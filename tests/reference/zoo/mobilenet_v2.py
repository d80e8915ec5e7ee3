"""Inverted residuals and linear bottlenecks."""

from __future__ import annotations

from torch import Tensor, nn


def convolution(
    inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution that keeps the size but for its stride, with normalization."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """Wide inside, narrow outside, with a way around where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = expansion * inputs
        parts: list[nn.Module] = [convolution(inputs, hidden, 1)] if expansion > 1 else []
        self.conv = nn.Sequential(
            *parts,
            convolution(hidden, hidden, 3, stride, hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.around = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return x + out if self.around else out


SETTINGS = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]
"""Expansion, channels, number of blocks and first stride, as in table 2 of the paper."""


class MobileNetV2(nn.Module):
    """Of width 1."""

    def __init__(self) -> None:
        super().__init__()
        features: list[nn.Module] = [convolution(3, 32, 3, 2)]
        inputs = 32
        for expansion, channels, depth, stride in SETTINGS:
            for index in range(depth):
                step = stride if index == 0 else 1
                features.append(InvertedResidual(inputs, channels, step, expansion))
                inputs = channels
        features.append(convolution(inputs, 1280, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = nn.functional.adaptive_avg_pool2d(self.features(image), 1).flatten(1)
        made: Tensor = self.classifier(x)
        return made
