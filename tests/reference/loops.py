"""Networks whose forward loops over several statements, written by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class OwnLSTM(nn.Module):
    """An LSTM from its formulas."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleDict({"ih": nn.Linear(6, 20), "hh": nn.Linear(5, 20)})

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        h = c = torch.zeros(x.shape[0], 5)
        outputs = []
        for t in range(x.shape[1]):
            i, f, g, o = (self.steps["ih"](x[:, t]) + self.steps["hh"](h)).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, dim=1), h, c


class Decoder(nn.Module):
    """Writes twelve words, each the likeliest after the one before, looking at a memory."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.written = nn.ModuleDict({"h": nn.GRUCell(16, 8), "scores": nn.Linear(8, 11)})

    def forward(self, memory: Tensor) -> tuple[Tensor, ...]:
        token = torch.zeros(memory.shape[0], dtype=torch.int64)
        h = memory.new_zeros(memory.shape[0], 8)
        scores, words = [], []
        for _ in range(12):
            weights = nn.functional.softmax((memory @ h.unsqueeze(2)).squeeze(2), dim=1)
            context = (weights.unsqueeze(1) @ memory).squeeze(1)
            h = self.written["h"](torch.cat([self.embedding(token), context], dim=1), h)
            scores.append(self.written["scores"](h))
            token = scores[-1].argmax(dim=1)
            words.append(token)
        return torch.stack(scores, dim=1), torch.stack(words, dim=1)


class Stacked(nn.Module):
    """Three recurrences, one over the other's outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleDict({"cell": nn.Linear(16, 8), "norm": nn.LayerNorm(8)}) for _ in range(3)
        )
        self.out = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        for layer in self.layers:
            assert isinstance(layer, nn.ModuleDict)
            h = x.new_zeros(x.shape[0], 8)
            outputs = []
            for step in x.unbind(1):
                h = torch.tanh(layer["cell"](torch.cat([step, h], dim=1)))
                outputs.append(layer["norm"](h))
            x = torch.stack(outputs, dim=1)
        return (self.out(x),)


class SelectiveScan(nn.Module):
    """A linear recurrence whose numbers follow from its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.log_decay = nn.Parameter(torch.zeros(8, 4))
        self.delta = nn.Linear(8, 8)
        self.into = nn.Linear(8, 4)
        self.out_of = nn.Linear(8, 4)

    def forward(self, u: Tensor) -> tuple[Tensor, ...]:
        delta = nn.functional.softplus(self.delta(u))
        into, out_of = self.into(u), self.out_of(u)
        decay = torch.exp(delta.unsqueeze(3) * -torch.exp(self.log_decay))
        drive = delta.unsqueeze(3) * into.unsqueeze(2) * u.unsqueeze(3)
        h = u.new_zeros(u.shape[0], 8, 4)
        outputs = []
        for t in range(u.shape[1]):
            h = decay[:, t] * h + drive[:, t]
            outputs.append((h @ out_of[:, t].unsqueeze(2)).squeeze(2))
        return (torch.stack(outputs, dim=1),)


class Nested(nn.Module):
    """A recurrence over rows around one over columns, counting both."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.ModuleDict({"line": nn.ModuleDict({"h": nn.Linear(4, 4)})})

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        line = self.rows["line"]
        assert isinstance(line, nn.ModuleDict)
        h = x.new_zeros(x.shape[0], 4)
        lines = []
        for row in range(x.shape[1]):
            cells = []
            for column in range(x.shape[2]):
                h = line["h"](x[:, row, column] + h * (column + 1))
                cells.append(h)
            h = h + row
            lines.append(torch.stack(cells, dim=1))
        return torch.stack(lines, dim=1), h


class Leapfrog(nn.Module):
    """Twenty steps of a pendulum without friction."""

    def forward(self, q: Tensor, p: Tensor) -> tuple[Tensor, ...]:
        path = []
        for _ in range(20):
            middle = p - 0.1 / 2 * torch.sin(q)
            q = q + 0.1 * middle
            p = middle - 0.1 / 2 * torch.sin(q)
            path.append(q)
        return q, p, torch.stack(path, dim=1)


class NeuralODE(nn.Module):
    """Euler's method over a field that is learned, with a time that is given."""

    def __init__(self) -> None:
        super().__init__()
        self.field = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        for t in torch.linspace(0, 1, 8):
            x = x + 0.125 * torch.tanh(self.field(torch.cat([x, t.expand(x.shape[0], 1)], dim=1)))
        return (x,)


class Prefixes(nn.Module):
    """What came before, averaged, from a table of positions that is as long as it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.ones(16, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        means = [x[:, : t + 1].mean(dim=1) + self.positions[t] * x[:, t] for t in range(x.shape[1])]
        return (torch.stack(means, dim=2),)


class PreNorm(nn.Module):
    """A transformer of opened containers."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.Embedding(11, 8)
        self.h = nn.ModuleList(
            nn.ModuleDict(
                {
                    "ln_1": nn.LayerNorm(8),
                    "mix": nn.ModuleDict({"q": nn.Linear(8, 8), "v": nn.Linear(8, 8)}),
                    "ln_2": nn.LayerNorm(8),
                    "mlp": nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 8)),
                }
            )
            for _ in range(3)
        )
        self.ln_f = nn.LayerNorm(8)

    def forward(self, tokens: Tensor) -> tuple[Tensor, ...]:
        x = self.wte(tokens)
        for index, layer in enumerate(self.h):
            assert isinstance(layer, nn.ModuleDict)
            mix = layer["mix"]
            assert isinstance(mix, nn.ModuleDict)
            n = layer["ln_1"](x)
            x = x + torch.sigmoid(mix["q"](n)) * mix["v"](n) / (index + 1)
            x = x + layer["mlp"](layer["ln_2"](x))
        return (self.ln_f(x),)


class Widening(nn.Module):
    """Each time has more channels, and several groups of two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            nn.ModuleDict(
                {
                    "grow": nn.Linear(4 * 2**i, 8 * 2**i),
                    "blocks": nn.ModuleList(
                        nn.ModuleList(
                            [nn.Linear(8 * 2**i, 8 * 2**i), nn.Linear(8 * 2**i, 8 * 2**i)]
                        )
                        for _ in range(2)
                    ),
                }
            )
            for i in range(3)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        for stage in self.stages:
            assert isinstance(stage, nn.ModuleDict)
            x = stage["grow"](x)
            blocks = stage["blocks"]
            assert isinstance(blocks, nn.ModuleList)
            for block in blocks:
                assert isinstance(block, nn.ModuleList)
                x = x + block[1](torch.relu(block[0](x)))
        return (x,)


class Universal(nn.Module):
    """The same weights each time."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.ModuleDict({"norm": nn.LayerNorm(6), "fc": nn.Linear(6, 6)})

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        for _ in range(4):
            x = x + torch.tanh(self.step["fc"](self.step["norm"](x)))
        return (x,)


class Column(nn.Module):
    """A block that holds a recurrence."""

    def __init__(self, width: int, features: int) -> None:
        super().__init__()
        self.cell = nn.Linear(features + width, width)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(x.shape[0], self.cell.out_features)
        outputs = []
        for step in x.unbind(1):
            h = torch.tanh(self.cell(torch.cat([step, h], dim=1)))
            outputs.append(h)
        return torch.stack(outputs, dim=1)


class Gate(nn.Module):
    """A block that stands in a recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        gate = torch.sigmoid(self.fc(x))
        return gate * x + (1 - gate) * h


class Blocks(nn.Module):
    """Recurrences in blocks, and a block in a recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.down = Column(6, 3)
        self.up = Column(4, 6)
        self.last = nn.ModuleDict({"h": Gate()})

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        x = self.up(self.down(x))
        h = x[:, 0]
        for step in x.unbind(1):
            h = self.last["h"](step, h)
        return (h,)


class Forces(nn.Module):
    """Descends a learned energy by its own gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(3, 8)
        self.energy = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        path = []
        with torch.enable_grad():
            if not x.requires_grad:
                x = x.detach().requires_grad_()
            for _ in range(3):
                energy = self.energy(torch.tanh(self.hidden(x)))
                (force,) = torch.autograd.grad(energy.sum(), x, create_graph=True)
                x = x - 0.1 * force
                path.append(x)
        return torch.stack(path), x
