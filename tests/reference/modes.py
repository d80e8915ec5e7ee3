"""Networks that depend on what is known only when they run, as one would write them by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Block(nn.Module):
    """A residual branch that is left out at random in training."""

    def __init__(self, width: int, drop: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.branch = nn.Linear(width, width)
        self.drop = drop

    def forward(self, x: Tensor, padding: Tensor | None = None) -> Tensor:
        """(batch, time, width) -> same"""
        kept: Tensor = self.branch(self.norm(x))
        if padding is not None:
            kept = kept.masked_fill(padding.unsqueeze(-1), 0.0)
        if self.training and self.drop > 0:
            rate = 1 - self.drop
            return x + kept * torch.bernoulli(torch.full((len(x), 1, 1), rate)) / rate
        return x + functional.dropout(kept, 0.1, training=self.training)


class Masked(nn.Module):
    """Attention with masks that may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.blocks = nn.ModuleList([Block(8, 0.0), Block(8, 0.2)])
        self.last = Block(8, 0.5)
        self.other = Block(8, 0.0)

    def forward(
        self, tokens: Tensor, padding: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        """(batch, time, 8) -> same; of the bias (2, time, time) all heads' mean counts"""
        attended, _ = self.attention(
            tokens, tokens, tokens, key_padding_mask=padding, need_weights=False
        )
        x = tokens + attended
        for block in self.blocks:
            x = block(x, padding)
        x = self.other(self.last(x))
        scores = (x @ x.transpose(1, 2)).unsqueeze(1)
        if bias is not None:
            scores = scores + bias
        return torch.softmax(scores, dim=-1).mean(dim=1) @ x


class Residual(nn.Module):
    """A convolution, with a shortcut where shapes allow it."""

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c, 3, stride=stride, padding=1)
        self.norm = nn.BatchNorm2d(c)
        self.has_shortcut = stride == 1 and c_in == c

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c_in, h, w) -> (batch, c, (h - 1) // stride + 1, …)"""
        y: Tensor = self.norm(self.conv(x))
        return x + y if self.has_shortcut else functional.relu(y)


class Inverted(nn.Module):
    """Three of these."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Residual(3, 8, 2)
        self.second = Residual(8, 8)
        self.third = Residual(8, 16)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, 3, h, w) -> (batch, 16, (h - 1) // 2 + 1, …)"""
        made: Tensor = self.third(self.second(self.first(image)))
        return made


class Mixed(nn.Module):
    """A block with layers that only some uses have."""

    def __init__(self, mixed: bool, normed: bool, deep: bool) -> None:
        super().__init__()
        norm = [nn.BatchNorm1d(8)] if normed else []
        self.y = nn.Linear(8, 8)
        self.mix = nn.Bilinear(8, 8, 8) if mixed else None
        self.body = nn.Sequential(nn.Linear(8, 8), *norm, nn.ReLU(), nn.Linear(8, 8))
        self.named = nn.Sequential()
        self.named.add_module("fc", nn.Linear(8, 8))
        if normed:
            self.named.add_module("norm", nn.BatchNorm1d(8))
        self.named.add_module("act", nn.ReLU())
        self.opened = nn.ModuleDict({"fc": nn.Linear(8, 8)})
        if normed:
            self.opened["norm"] = nn.BatchNorm1d(8)
        if deep:
            self.whole = nn.ModuleDict({"fc": nn.Linear(8, 8), "fc2": nn.Linear(8, 8)})
            self.many = nn.Sequential(*(nn.Linear(8, 8) for _ in range(3)))
        self.deep = deep

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> same"""
        first = self.y(x)
        if self.mix is not None:
            first = self.mix(first, x)
        z = self.opened["fc"](self.named(self.body(first)))
        z = z + (self.opened["norm"](z) if "norm" in self.opened else z)
        z = functional.relu(z)
        if self.deep:
            fc = self.whole["fc"](z)
            z = self.many(fc + self.whole["fc2"](fc))
        made: Tensor = z + first
        return made


class Present(nn.Module):
    """Three of these."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Mixed(True, True, True)
        self.b = Mixed(False, False, False)
        self.c = Mixed(True, False, True)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> same"""
        made: Tensor = self.c(self.b(self.a(x)))
        return made


class Tanh(nn.Module):
    """A layer with an activation in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 8) -> same"""
        made: Tensor = self.linear(x)
        return made.tanh() if self.training else made


class Stage(nn.Module):
    """A layer with a head that runs in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.y = nn.Linear(8, 8)
        self.head = nn.ModuleList([Tanh(), Tanh()])
        self.head_in_training = nn.Linear(8, 3)


class AuxHeads(nn.Module):
    """Heads that run in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.squeezed = nn.Linear(8, 4)
        self.aux1 = nn.Linear(4, 3)
        self.second = Stage()
        self.aux2 = nn.ModuleDict({"norm": nn.BatchNorm1d(8), "fc": nn.Linear(8, 3)})
        self.aux3 = nn.Linear(4, 3)
        self.logits = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> tuple[Tensor | None, ...]:
        """(batch, 8) -> four times (batch, 3), of which three are None in eval mode"""
        first = self.first(x)
        if not self.training:
            return (
                self.logits(functional.relu(self.second.y(functional.relu(first)))),
                None,
                None,
                None,
            )
        squeezed = self.squeezed(first)
        aux1 = self.aux1(functional.relu(squeezed))
        y = self.second.y(functional.relu(first))
        head = self.second.head_in_training(self.second.head[1](self.second.head[0](y)))
        second = functional.relu(y)
        norm = self.aux2["norm"](second)
        aux2 = self.aux2["fc"](norm) * functional.dropout(norm.sum(1, keepdim=True), 0.5)
        aux3 = self.aux3(squeezed * 2)
        return self.logits(second) + head, aux1, aux2, aux3


class Formulas(nn.Module):
    """Formulas that the second of two blocks has alone."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ModuleDict({"fc": nn.Linear(6, 6)})
        self.b = nn.ModuleDict({"fc": nn.Linear(6, 6)})

    def forward(self, x: Tensor) -> Tensor:
        x = self.a["fc"](x) * 3
        return torch.tanh(self.b["fc"](x) + 1) * 3
