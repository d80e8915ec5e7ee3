"""A variational autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class VAE(nn.Module):
    """Of digits, by full connections."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = torch.relu(self.fc1(image.flatten(1)))
        mean, log_variance = self.fc21(h), self.fc22(h)
        z = mean
        if self.training:
            z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        made = torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))
        return made, mean, log_variance
