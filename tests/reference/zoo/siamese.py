"""Two images, one encoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """64 numbers of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.fc = nn.Linear(32 * 5 * 5, 64)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        return torch.sigmoid(self.fc(x.flatten(1)))


class Siamese(nn.Module):
    """Judges by how far the two are apart."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.logit = nn.Linear(64, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        made: Tensor = self.logit((self.encoder(left) - self.encoder(right)).abs())
        return made
