"""The residual network of 18 layers whose channels are weighed."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """Weighs the channels by their means."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        squeezed = max(8, channels // reduction)
        self.fc1 = nn.Conv2d(channels, squeezed, kernel_size=1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeezed, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        weights = x.mean((2, 3), keepdim=True)
        weights = self.fc1(weights)
        weights = self.relu(weights)
        weights = self.fc2(weights)
        return x * torch.sigmoid(weights)


class BasicBlock(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, inputs: int, channels: int, reduction: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            inputs, channels, kernel_size=3, stride=stride, padding=1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.se = SqueezeExcitation(channels, reduction)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu(out)
        out = self.conv2(out)
        out = self.bn2(out)
        out = self.se(out)
        if self.downsample is not None:
            identity = self.downsample(x)
        out = out + identity
        return self.relu(out)


class SEResNet18(nn.Module):
    """Two blocks of each width."""

    def __init__(self, classes: int = 1000, reduction: int = 16) -> None:
        super().__init__()
        self.inputs = 64
        self.reduction = reduction
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self.stage(64, 2, stride=1)
        self.layer2 = self.stage(128, 2, stride=2)
        self.layer3 = self.stage(256, 2, stride=2)
        self.layer4 = self.stage(512, 2, stride=2)
        self.fc = nn.Linear(512, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def stage(self, channels: int, depth: int, stride: int) -> nn.Sequential:
        """Blocks of one width, of which the first one changes the size."""
        layers = [BasicBlock(self.inputs, channels, self.reduction, stride)]
        self.inputs = channels
        layers += [BasicBlock(self.inputs, channels, self.reduction) for _ in range(1, depth)]
        return nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        x: Tensor = self.conv1(image)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = x.mean((2, 3))
        return self.fc(x)
