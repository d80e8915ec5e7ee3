"""Whether images are real."""

from __future__ import annotations

from torch import Tensor, nn


class Discriminator(nn.Module):
    """Half the size each time, from 64 x 64 to 4 x 4."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        for channels in (128, 256, 512):
            layers += [
                nn.Conv2d(channels // 2, channels, 4, 2, 1, bias=False),
                nn.BatchNorm2d(channels),
                nn.LeakyReLU(0.2),
            ]
        layers += [nn.Conv2d(512, 1, 4, bias=False), nn.Sigmoid()]
        self.main = nn.Sequential(*layers)
        for module in self.main:
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, 0.0, 0.02)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)

    def forward(self, image: Tensor) -> Tensor:
        made: Tensor = self.main(image)
        return made.flatten()
