"""Inverted residuals, narrow outside."""

from __future__ import annotations

from torch import Tensor, nn


class ConvNormActivation(nn.Sequential):
    """A convolution that keeps the size but for its stride, normalized and bounded."""

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1
    ) -> None:
        padding = (size - 1) // 2
        super().__init__(
            nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """Wide inside, narrow outside, with a way around where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        hidden = inputs * expand_ratio
        self.use_res_connect = stride == 1 and inputs == outputs
        layers: list[nn.Module] = []
        if expand_ratio != 1:
            layers.append(ConvNormActivation(inputs, hidden, 1))
        layers.append(ConvNormActivation(hidden, hidden, 3, stride=stride, groups=hidden))
        layers.append(nn.Conv2d(hidden, outputs, kernel_size=1, bias=False))
        layers.append(nn.BatchNorm2d(outputs))
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        if self.use_res_connect:
            return x + out
        return out


class MobileNetV2(nn.Module):
    """Of width 1."""

    def __init__(self, classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        settings = [
            # expansion, channels, number of blocks, first stride: table 2 of the paper
            (1, 16, 1, 1),
            (6, 24, 2, 2),
            (6, 32, 3, 2),
            (6, 64, 4, 2),
            (6, 96, 3, 1),
            (6, 160, 3, 2),
            (6, 320, 1, 1),
        ]
        inputs = 32
        features: list[nn.Module] = [ConvNormActivation(3, inputs, 3, stride=2)]
        for expand_ratio, outputs, depth, first_stride in settings:
            for index in range(depth):
                stride = first_stride if index == 0 else 1
                features.append(InvertedResidual(inputs, outputs, stride, expand_ratio))
                inputs = outputs
        features.append(ConvNormActivation(inputs, 1280, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(1280, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        x = self.features(image)
        x = x.mean((2, 3))
        return self.classifier(x)
