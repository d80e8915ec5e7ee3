"""Networks of blocks, as one would write them by hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

Makes = Callable[..., nn.Module]


class Basic(nn.Module):
    """Two convolutions and a shortcut, with any norm and activation."""

    def __init__(self, c_in: int, c: int, stride: int, norm: Makes, act: Makes) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c, 3, stride=stride, padding=1, bias=False)
        self.bn1 = norm(c)
        self.relu = act()
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = norm(c)
        self.down: nn.Module = nn.Identity()
        if stride != 1 or c_in != c:
            self.down = nn.Sequential(nn.Conv2d(c_in, c, 1, stride=stride, bias=False), norm(c))
        self.relu2 = act()

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c_in, h, w) -> (batch, c, (h - 1) // stride + 1, …)"""
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        made: Tensor = self.relu2(y + self.down(x))
        return made


class Chosen(nn.Module):
    """Blocks with other norms and activations, and a stage of any block."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.a = Basic(16, 16, 1, nn.BatchNorm2d, nn.ReLU)
        self.b = Basic(16, 32, 2, partial(nn.GroupNorm, 4), partial(nn.GELU, approximate="tanh"))
        self.c = Basic(32, 64, 1, nn.Identity, partial(nn.LeakyReLU, negative_slope=0.2))
        self.last = nn.ReLU()
        self.stage = nn.Module()
        stage = [Basic(64, 64, 1, nn.BatchNorm2d, nn.SiLU) for _ in range(2)]
        self.stage.layers = nn.Sequential(*stage)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 3, h, w) -> (batch, 64, (h - 1) // 2 + 1, …)"""
        x = self.last(self.c(self.b(self.a(self.stem(x)))))
        made: Tensor = self.stage.get_submodule("layers")(x)
        return made


class ConvNormAct(nn.Sequential):
    """As torchvision's Conv2dNormActivation; optionally with dropout and further convolutions."""

    def __init__(
        self, c_in: int, c: int, kernel: int = 3, rate: float = 0.0, act: Makes = nn.ReLU
    ) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(c_in, c, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(c),
            act(),
        ]
        if rate > 0:
            layers.append(nn.Dropout(rate))
        layers += [nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)]
        super().__init__(*layers)


class Stacked(nn.Module):
    """Blocks that are sequences, in a sequence and one of them called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNormAct(3, 8)
        self.body = nn.Sequential(
            ConvNormAct(8, 8, rate=0.5),
            nn.Sequential(ConvNormAct(8, 16, 5, act=nn.SiLU), nn.Tanh()),
        )
        self.mix = ConvNormAct(16, 16, 1)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 3, h, w) -> (batch, 4)"""
        x = self.body(self.stem(x))
        made: Tensor = self.head(self.mix(x) + self.mix(-x))
        return made


def half_turn(x: Tensor) -> Tensor:
    """The second half, negated, before the first: (…, size) -> (…, size)"""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([-second, first], dim=-1)


class Attention(nn.Module):
    """Causal attention with rotary positions."""

    def __init__(self, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.heads = heads
        size = width // heads
        self.inv_freq = nn.Buffer(10000.0 ** (-torch.arange(0, size, 2) / size), persistent=False)
        angles = torch.outer(torch.arange(context), self.inv_freq).repeat(1, 2)
        self.angles = nn.Buffer(angles, persistent=False)
        self.cosine = nn.Buffer(angles.cos())
        self.first = nn.Buffer(angles.cos()[:1])
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) -> (batch, time, width)"""
        batch, time, _ = x.shape
        q, k, v = (
            part.reshape(batch, time, self.heads, -1).transpose(1, 2)
            for part in (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        )
        c, s = self.angles[:time].cos(), self.angles[:time].sin()
        q, k = q * c + half_turn(q) * s, k * c + half_turn(k) * s
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        y = y.transpose(1, 2).flatten(2) * self.cosine.sum() * self.first.sum()
        made: Tensor = self.o_proj(y)
        return made


class RotaryLayer(nn.Module):
    """Attention and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(32, eps=1e-5)
        self.attention = Attention(32, 4, 16)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, 32) -> (batch, time, 32)"""
        return x + self.attention(self.norm(x))


class Rotary(nn.Module):
    """Two layers of rotary attention."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(RotaryLayer() for _ in range(2))
        self.norm = nn.RMSNorm(32, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, 32) -> (batch, time, 32)"""
        for layer in self.layers:
            x = layer(x)
        made: Tensor = self.norm(x)
        return made


class Mixed(nn.Module):
    """Two linear layers over two inputs, and a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(8, 8)
        self.drop = nn.Dropout(0.2)
        self.inner = nn.Linear(8, 8)

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        """(…, 8), (…, 8) -> (…, 8)"""
        made: Tensor = x + torch.tanh(self.inner(self.drop(self.mix(x + other))))
        return made


class Recomputed(nn.Module):
    """What the compiled network computes without keeping it: here everything is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.body = nn.Sequential(nn.Linear(8, 8), nn.GELU(), nn.Dropout(0.3))
        self.layers = nn.ModuleList(Mixed() for _ in range(3))
        self.stack = nn.ModuleList([Mixed(), nn.Linear(8, 4)])

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 6, 8) -> (batch, 6, 4)"""
        y = self.body(self.first(x))
        for layer in self.layers:
            y = layer(y, x)
        made: Tensor = self.stack[1](self.stack[0](y, x))
        return made


class Residual(nn.Module):
    """A gated causal convolution and a shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        double: dict[str, Any] = {"dtype": torch.float64}
        self.padded = nn.ConstantPad1d((dilation, 0), 0.0)
        self.filtered = weight_norm(nn.Conv1d(channels, channels, 2, dilation=dilation, **double))
        self.gate = weight_norm(nn.Conv1d(channels, channels, 2, dilation=dilation, **double))
        self.act1 = nn.PReLU(init=0.1, **double)
        self.norm1 = nn.BatchNorm1d(channels, **double)
        self.mix = nn.Conv1d(channels, channels, 1, **double)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, time) -> (batch, channels, time)"""
        padded = self.padded(x)
        y = torch.tanh(self.filtered(padded)) * torch.sigmoid(self.gate(padded))
        return x + self.mix(self.norm1(self.act1(y)))


class Normed(nn.Module):
    """A norm over channels, scaled."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels, dtype=torch.float64))
        self.n = nn.LayerNorm(channels, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, time) -> (batch, channels, time)"""
        n = self.n(x.transpose(1, 2))
        made: Tensor = n * self.scale * 6.0 * (n * 0.5 + torch.ones(1, dtype=torch.float64) + 3)
        return made.transpose(1, 2)


class WaveNet(nn.Module):
    """Three residual layers of growing dilation."""

    def __init__(self) -> None:
        super().__init__()
        self.start = weight_norm(nn.Conv1d(1, 8, 1, dtype=torch.float64))
        self.stack = nn.ModuleList(Residual(8, 2**index) for index in range(3))
        self.norm = Normed(8)
        self.end = nn.Conv1d(8, 1, 1, dtype=torch.float64)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, time) -> (batch, 1, time)"""
        x = self.start(x)
        for layer in self.stack:
            x = layer(x)
        made: Tensor = self.end(self.norm(x))
        return made


class Shifted(nn.Module):
    """A causal convolution and a shortcut."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.padded = nn.ConstantPad1d((dilation, 0), 0.0)
        self.gate = nn.Conv1d(8, 8, 2, dilation=dilation)
        self.mix = nn.Conv1d(8, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8, time) -> (batch, 8, time)"""
        made: Tensor = x + self.mix(self.gate(self.padded(x)))
        return made


class Parametrized(nn.Module):
    """Weights are drawn first, then parametrized."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Conv1d(1, 8, 1)
        self.stack = nn.ModuleList(Shifted(2**index) for index in range(3))
        self.more = nn.ModuleList(nn.Conv1d(8, 8, 1) for _ in range(2))
        tail = nn.Sequential(nn.ReLU(), nn.Conv1d(8, 4, 1))
        self.body = nn.Sequential(nn.Conv1d(8, 8, 1), nn.ReLU(), tail)
        self.end = nn.Conv1d(4, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv1d):
                nn.init.normal_(module.weight, std=0.1)
                nn.init.zeros_(module.get_parameter("bias"))
        weight_norm(self.start)
        for layer in self.more:
            spectral_norm(layer)
        weight_norm(self.body[0], dim=1)
        for shifted in self.stack:
            weight_norm(shifted.get_submodule("gate"))
        weight_norm(tail[1])

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 1, time) -> (batch, 1, time)"""
        x = self.start(x)
        for layer in (*self.stack, *self.more):
            x = layer(x)
        made: Tensor = self.end(self.body(x))
        return made


class FeedForward(nn.Module):
    """Three linear layers and dropout."""

    def __init__(
        self, width: int, inner: int | None = None, outer: int | None = None, rate: float = 0.0
    ) -> None:
        super().__init__()
        inner = 3 * width if inner is None else inner
        outer = inner + 1 if outer is None else outer
        self.up = nn.Linear(width, inner)
        self.mid = nn.Linear(inner, outer)
        self.down = nn.Linear(outer, width)
        self.drop = nn.Dropout(rate)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, width) -> (batch, width)"""
        made: Tensor = self.drop(self.down(self.mid(self.up(x))))
        return made


class Defaults(nn.Module):
    """Sizes that follow from one another."""

    def __init__(self, width: int = 8, hidden: int | None = None) -> None:
        super().__init__()
        hidden = 4 * width if hidden is None else hidden
        self.a = FeedForward(width)
        self.b = FeedForward(width, hidden // 2, 5, 0.5)
        self.c = nn.Linear(width, 2 * hidden)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, width) -> (batch, 2 * hidden)"""
        made: Tensor = self.c(self.b(self.a(x)))
        return made


class Encoder(nn.Module):
    """Two linear layers and an activation."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.seq = nn.Sequential(nn.Linear(8, 8), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> (batch, 8)"""
        made: Tensor = self.seq(self.fc(x))
        return made


class Tied(nn.Module):
    """Four encoders of which some share weights."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = Encoder()
        self.stack = nn.ModuleList([Encoder(), Encoder()])
        inner = nn.Linear(8, 8)
        named = Encoder()
        self.body = nn.Sequential(OrderedDict([("0", inner), ("named", named)]))
        self.out = nn.Linear(8, 8)
        first, second = self.stack[0], self.stack[1]
        assert isinstance(first, Encoder)
        assert isinstance(second, Encoder)
        second.fc.weight = named.fc.weight = self.enc.fc.weight
        self.out.weight = inner.weight
        first.seq[0].bias = second.seq[0].bias

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> (batch, 8)"""
        x = self.enc(x)
        for layer in self.stack:
            x = layer(x)
        made: Tensor = self.out(self.body(x))
        return made


class Encode(nn.Module):
    """A linear layer and a norm."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(size, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, size) -> (batch, width)"""
        return torch.tanh(self.norm(self.fc(x)))


class Declared(nn.Module):
    """One encoder for several inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encode(6, 4)
        self.other = Encode(5, 3)
        self.parts = nn.ModuleDict({"pair": nn.ModuleDict({"one": nn.Linear(3, 2)})})

    def forward(self, left: Tensor, right: Tensor, wide: Tensor) -> tuple[Tensor, ...]:
        """(batch, 6), (rows, 6), (batch, 5) -> (batch, rows), (batch, 3), (batch, 4), (batch, 4)"""
        one, two, three = self.encoder(left), self.encoder(right), self.encoder(-left)
        plus, minus = one + three, one - three
        c = self.other(wide)
        p = self.parts.get_submodule("pair.one")(c)
        parts = p + (p * 2).exp()
        return one @ two.t() + parts.sum(), c, plus, minus


class InnerBlock(nn.Module):
    """A linear layer, another one further in, and a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.deep = nn.ModuleDict({"fc": nn.Linear(8, 8)})
        self.seq = nn.Sequential(OrderedDict([("bn", nn.BatchNorm1d(8))]))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> (batch, 8)"""
        made: Tensor = self.seq(self.deep["fc"](self.fc(x)))
        return made


class Inside(nn.Module):
    """Two blocks, whose weights are used once more."""

    def __init__(self) -> None:
        super().__init__()
        self.block = InnerBlock()
        self.held = nn.ModuleDict({"inner": InnerBlock()})

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 8) -> (batch, 8), (batch, 8)"""
        renamed = self.held["inner"](self.block(x)) * 2
        y = renamed @ self.block.fc.weight.t() + self.get_parameter("block.deep.fc.bias")
        y = y + self.get_parameter("held.inner.fc.bias")
        return renamed, y + self.get_buffer("block.seq.bn.running_mean")
