"""Images out of noise."""

from __future__ import annotations

from torch import Tensor, nn


class Generator(nn.Module):
    """Twice the size each time, from 4 x 4 to 64 x 64."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs, stride, padding = 100, 1, 0
        for channels in (512, 256, 128, 64):
            layers += [
                nn.ConvTranspose2d(inputs, channels, 4, stride, padding, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            ]
            inputs, stride, padding = channels, 2, 1
        layers += [nn.ConvTranspose2d(inputs, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)
        for module in self.main:
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.normal_(module.weight, 0.0, 0.02)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)

    def forward(self, noise: Tensor) -> Tensor:
        made: Tensor = self.main(noise)
        return made
