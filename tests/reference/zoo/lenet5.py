"""The network that read digits first."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class LeNet5(nn.Module):
    """Two convolutions, each averaged, and three full connections."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = torch.tanh(self.conv1(image))
        x = functional.avg_pool2d(x, 2)
        x = torch.tanh(self.conv2(x))
        x = functional.avg_pool2d(x, 2)
        x = x.flatten(1)
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)
