"""A layer of one's own, for `gated.toml`."""

from torch import Tensor, nn


class SwiGLU(nn.Module):
    """A gated feed-forward layer: two branches, one of which gates the other."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down(nn.functional.silu(self.gate(x)) * self.up(x))
        return out
