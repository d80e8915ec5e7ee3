"""Three times as many pixels each way."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ESPCN(nn.Module):
    """Nine channels of small pictures become one of a large picture."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 5, padding=2)
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.conv3 = nn.Conv2d(64, 32, 3, padding=1)
        self.conv4 = nn.Conv2d(32, 9, 3, padding=1)
        for conv in (self.conv1, self.conv2, self.conv3):
            nn.init.orthogonal_(conv.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv4.weight)

    def forward(self, luminance: Tensor) -> Tensor:
        x = torch.relu(self.conv1(luminance))
        x = torch.relu(self.conv2(x))
        x = torch.relu(self.conv3(x))
        return nn.functional.pixel_shuffle(self.conv4(x), 3)
