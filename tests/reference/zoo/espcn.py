"""Super-resolution by sub-pixel convolution."""

from __future__ import annotations

from torch import Tensor, nn


class ESPCN(nn.Module):
    """Several channels of small pictures become one of a large picture."""

    def __init__(self, upscale: int = 3) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(1, 64, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(64, 32, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(32, upscale**2, kernel_size=3, padding=1)
        self.pixel_shuffle = nn.PixelShuffle(upscale)
        self.init_weights()

    def init_weights(self) -> None:
        """First values, as in PyTorch's example."""
        nn.init.orthogonal_(self.conv1.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv2.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv3.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv4.weight)

    def forward(self, luminance: Tensor) -> Tensor:
        x = self.relu(self.conv1(luminance))
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        return self.pixel_shuffle(self.conv4(x))
