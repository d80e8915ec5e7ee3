"""ConvNeXt: depthwise convolutions of 7 x 7, and layers scaled by channel."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerNorm2d(nn.LayerNorm):
    """Normalizes the channels of each place."""

    def forward(self, input: Tensor) -> Tensor:
        x = input.permute(0, 2, 3, 1)
        x = functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class Permute(nn.Module):
    """Puts dimensions in another order."""

    def __init__(self, dims: Sequence[int]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(*self.dims)


class CNBlock(nn.Module):
    """A residual block that is left out at random for single images."""

    def __init__(self, dim: int, rate: float, scale: float) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim),
            Permute([0, 2, 3, 1]),
            nn.LayerNorm(dim, eps=1e-6),
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * scale)
        self.rate = rate

    def forward(self, input: Tensor) -> Tensor:
        result = self.layer_scale * self.block(input)
        if self.training and self.rate > 0:
            kept = 1 - self.rate
            noise = torch.bernoulli(torch.full((input.shape[0], 1, 1, 1), kept))
            result = result * noise / kept
        return input + result


class ConvNeXt(nn.Module):
    """Four stages; tiny where no other widths are given."""

    def __init__(
        self,
        classes: int = 1000,
        widths: Sequence[int] = (96, 192, 384, 768),
        depths: Sequence[int] = (3, 3, 9, 3),
        drop_path: float = 0.1,
        scale: float = 1e-6,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.Sequential(
                nn.Conv2d(3, widths[0], kernel_size=4, stride=4),
                LayerNorm2d(widths[0], eps=1e-6),
            )
        ]
        done = 0
        for i, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            if i > 0:
                layers.append(
                    nn.Sequential(
                        LayerNorm2d(widths[i - 1], eps=1e-6),
                        nn.Conv2d(widths[i - 1], width, kernel_size=2, stride=2),
                    )
                )
            stage = []
            for _ in range(depth):
                stage.append(CNBlock(width, drop_path * done / (sum(depths) - 1), scale))
                done += 1
            layers.append(nn.Sequential(*stage))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            LayerNorm2d(widths[-1], eps=1e-6), nn.Flatten(1), nn.Linear(widths[-1], classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)))
