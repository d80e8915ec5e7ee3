"""A temporal convolutional network."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm


class CausalConv(nn.Module):
    """A convolution that sees the past alone."""

    def __init__(self, inp: int, out: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.conv = weight_norm(nn.Conv1d(inp, out, kernel, dilation=dilation))
        self.dropout = nn.Dropout(dropout)
        self.past = (kernel - 1) * dilation

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(functional.relu(self.conv(functional.pad(x, (self.past, 0)))))


class TemporalBlock(nn.Module):
    """Two of them and a way around."""

    def __init__(self, inp: int, out: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.conv1 = CausalConv(inp, out, kernel, dilation, dropout)
        self.conv2 = CausalConv(out, out, kernel, dilation, dropout)
        self.downsample = nn.Conv1d(inp, out, 1) if inp != out else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.conv1(x))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class TCN(nn.Module):
    """Dilations that double."""

    def __init__(
        self,
        channels: Sequence[int] = (25, 25, 25),
        kernel: int = 3,
        dropout: float = 0.2,
        classes: int = 10,
    ) -> None:
        super().__init__()
        sizes = [2, *channels]
        self.network = nn.Sequential(
            *(
                TemporalBlock(sizes[i], sizes[i + 1], kernel, 2**i, dropout)
                for i in range(len(channels))
            )
        )
        self.linear = nn.Linear(sizes[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.network(x)
        return self.linear(y[:, :, -1])
