"""Draws a code in training, takes its mean otherwise."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class VAE(nn.Module):
    """Of digits, by full connections."""

    def __init__(self, hidden: int = 400, latent: int = 20) -> None:
        super().__init__()
        self.fc1 = nn.Linear(784, hidden)
        self.fc21 = nn.Linear(hidden, latent)
        self.fc22 = nn.Linear(hidden, latent)
        self.fc3 = nn.Linear(latent, hidden)
        self.fc4 = nn.Linear(hidden, 784)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of the code."""
        h = functional.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def reparameterize(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Draw a code."""
        if not self.training:
            return mean
        return mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)

    def decode(self, z: Tensor) -> Tensor:
        """The image of a code."""
        h = functional.relu(self.fc3(z))
        return torch.sigmoid(self.fc4(h))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.encode(image.view(-1, 784))
        z = self.reparameterize(mean, log_variance)
        return self.decode(z), mean, log_variance
