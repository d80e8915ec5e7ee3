"""VQ-VAE."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class VQVAE(nn.Module):
    """An encoder, a codebook and a decoder."""

    def __init__(self, codes: int = 512, width: int = 64, beta: float = 0.25) -> None:
        super().__init__()
        self.beta = beta
        self.encoder = nn.Sequential(
            nn.Conv2d(3, width // 2, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width // 2, width, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )
        self.codebook = nn.Embedding(codes, width)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(width, width // 2, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(width // 2, 3, 4, stride=2, padding=1),
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        z = self.encoder(image)
        batch, width, height, breadth = z.shape
        flat = z.permute(0, 2, 3, 1).reshape(-1, width)
        weight = self.codebook.weight
        distances = flat.square().sum(1, keepdim=True) - 2 * flat @ weight.t()
        distances = distances + weight.square().sum(1)
        chosen = torch.argmin(distances, dim=1)
        q = self.codebook(chosen).view(batch, height, breadth, width).permute(0, 3, 1, 2)
        loss = functional.mse_loss(q, z.detach()) + self.beta * functional.mse_loss(z, q.detach())
        return self.decoder(z + (q - z).detach()), loss, chosen
