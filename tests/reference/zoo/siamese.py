"""Whether two images show the same, by one encoder for both."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Encoder(nn.Module):
    """64 numbers of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3)
        self.fc = nn.Linear(32 * 5 * 5, 64)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.conv1(x))
        x = functional.max_pool2d(x, 2)
        x = functional.relu(self.conv2(x))
        x = functional.max_pool2d(x, 2)
        x = self.fc(x.flatten(1))
        return torch.sigmoid(x)


class Siamese(nn.Module):
    """Judges by how far the two are apart."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.logit = nn.Linear(64, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        left = self.encoder(left)
        right = self.encoder(right)
        return self.logit(torch.abs(left - right))
