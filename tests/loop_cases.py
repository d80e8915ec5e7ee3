"""Loops at the edge of what may be said, each with what it means in plain PyTorch.

The function gets the compiled module for its layers, and the inputs.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

Meaning = Callable[[nn.Module, Tensor], tuple[Tensor, ...]]
CASES: dict[str, tuple[str, Meaning]] = {}


def case(name: str, spec: str) -> Callable[[Meaning], Meaning]:
    """Notes a network over `x` of (batch, time, 4), by its outputs and layers."""

    def note(meaning: Meaning) -> Meaning:
        CASES[name] = spec, meaning
        return meaning

    return note


@case(
    "what is carried changes places",
    """
outputs = ["f.a", "f.b"]
layers = [
  { name = "f", scan = 5, carry = { a = "x", b = "2 * x" }, layers = [
    { name = "total", expr = "a + b" }, { name = "a", expr = "b" }, { name = "b", expr = "total" },
  ] },
]
""",
)
def places(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    a, b = x, 2 * x
    for _ in range(5):
        a, b = b, a + b
    return a, b


@case(
    "what is carried hides what is scanned",
    """
outputs = ["s", "s.h", "s.g"]
layers = [
  { name = "h", type = "Linear", out_features = 4 },
  { name = "s", scan = { step = "h" }, dim = 1, outputs = "y",
    carry = { h = "h[:, 0]", g = "tanh(h[:, 0])" }, layers = [
      { name = "y", expr = "step - h" }, { name = "g", expr = "g + h" },
        { name = "h", expr = "h + y * g" },
    ] },
]
""",
)
def hidden(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    whole = net.get_submodule("h")(x)
    h, g = whole[:, 0], torch.tanh(whole[:, 0])
    found = []
    for step in whole.unbind(1):
        y = step - h
        g = g + h
        h = h + y * g
        found.append(y)
    return torch.stack(found, dim=1), h, g


@case(
    "a delay line",
    """
layers = [
  { scan = { step = "x" }, dim = 1, outputs = "y",
    carry = { one = "zeros(batch, 4)", two = "zeros(batch, 4)" }, layers = [
      { name = "y", expr = "step + one * two" }, { name = "two", expr = "one" },
        { name = "one", expr = "step" },
    ] },
]
""",
)
def delay(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    past = torch.cat([torch.zeros(x.shape[0], 2, 4), x], dim=1)
    return (x + past[:, 1:-1] * past[:, :-2],)


@case(
    "renewed by what passes on",
    """
outputs = ["s", "s.h", "s.g"]
layers = [
  { name = "s", scan = { step = "x" }, dim = 1, outputs = "y",
    carry = { h = "zeros(batch, 4)", g = "ones(batch, 4)" }, layers = [
    { name = "y", expr = "step * g + h" },
    { name = "h", type = "ReLU", when = "False", inputs = "g" },
    { name = "g", layers = [{ type = "Linear", out_features = 4, inputs = "y" },
      { expr = "sigmoid(_)" }] },
  ] },
]
""",
)
def passed(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    h, g = torch.zeros(x.shape[0], 4), torch.ones(x.shape[0], 4)
    found = []
    for step in x.unbind(1):
        y = step * g + h
        h, g = g, torch.sigmoid(net.get_submodule("s.g.0")(y))
        found.append(y)
    return torch.stack(found, dim=1), h, g


@case(
    "a cell of two states",
    """
outputs = ["s", "s.h", "s.c"]
layers = [
  { name = "s", scan = { step = "x" }, dim = 1,
    carry = { h = "zeros(batch, 5)", c = "zeros(batch, 5)" }, layers = [
    { name = "cell", type = "LSTMCell", hidden_size = 5, inputs = ["step", "(h, c)"] },
    { name = ["h", "c"], expr = "(cell, cell.c_1)" },
    { name = "norm", type = "LayerNorm", inputs = "h" },
  ] },
]
""",
)
def states(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    h = c = torch.zeros(x.shape[0], 5)
    found = []
    for step in x.unbind(1):
        h, c = net.get_submodule("s.cell")(step, (h, c))
        found.append(net.get_submodule("s.norm")(h))
    return torch.stack(found, dim=1), h, c


@case(
    "both ways",
    """
layers = [
  { scan = { step = "x" }, dim = 1, carry = { h = "zeros(batch, 4)" }, outputs = "h", layers = [
    { name = "there", type = "Linear", out_features = 4, inputs = "step + h" },
      { name = "h", expr = "tanh(there)" },
  ] },
  { name = "one", expr = "_" },
  { scan = { step = "flip(x, [1])" }, dim = -2, carry = { h = "zeros(batch, 4)" },
    outputs = "h", layers = [
    { name = "back", type = "Linear", out_features = 4, inputs = "step + h" },
      { name = "h", expr = "tanh(back)" },
  ] },
  { expr = "cat([one, flip(_, [1])], dim=2)" },
]
""",
)
def both(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    def run(name: str, steps: Tensor) -> Tensor:
        h = torch.zeros(x.shape[0], 4)
        found = []
        for step in steps.unbind(1):
            h = torch.tanh(net.get_submodule(name)(step + h))
            found.append(h)
        return torch.stack(found, dim=1)

    return (torch.cat([run("there", x), run("back", x.flip(1)).flip(1)], dim=2),)


@case(
    "loops in loops",
    """
layers = [
  { name = "stages", repeat = 2, layers = [
    { name = "came", expr = "_" },
    { scan = { step = "_" }, dim = 1, carry = { h = "zeros(batch, 4)" }, layers = [
      { name = "mlp", repeat = 2, type = "Linear", out_features = 4, inputs = "step + h" },
      { name = "h", expr = "mlp + index" },
    ] },
    { expr = "came + _ * (index + 1)" },
  ] },
]
""",
)
def within(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    for index in range(2):
        h = torch.zeros(x.shape[0], 4)
        found = []
        for place, step in enumerate(x.unbind(1)):
            h = step + h
            for layer in range(2):
                h = net.get_submodule(f"stages.{index}.mlp.{layer}")(h)
            h = h + place
            found.append(h)
        x = x + torch.stack(found, dim=1) * (index + 1)
    return (x,)


@case(
    "layers of some times",
    """
layers = [
  { name = "h", repeat = 3, layers = [
    { name = "old", expr = "_" },
    { name = "fc", type = "Linear", out_features = 4 },
    { name = "norm", type = "LayerNorm", when = "index > 0" },
    { expr = "old + tanh(_) if index == 2 else old - _" },
  ] },
]
""",
)
def some(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    for index in range(3):
        y = net.get_submodule(f"h.{index}.fc")(x)
        if index > 0:
            y = net.get_submodule(f"h.{index}.norm")(y)
        x = x + torch.tanh(y) if index == 2 else x - y
    return (x,)


@case(
    "layers of training",
    """
layers = [
  { scan = { step = "x" }, dim = 1, carry = { h = "zeros(batch, 4)" }, outputs = "h", layers = [
    { name = "fc", type = "Linear", out_features = 4, inputs = "step + h" },
    { name = "drop", type = "Dropout", when = "training" },
    { name = "h", expr = "tanh(drop if drop is not None else fc)" },
  ] },
]
""",
)
def training(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    h = torch.zeros(x.shape[0], 4)
    found = []
    for step in x.unbind(1):
        y = net.get_submodule("fc")(step + h)
        h = torch.tanh(torch.nn.functional.dropout(y, 0.5) if net.training else y)
        found.append(h)
    return (torch.stack(found, dim=1),)


@case(
    "names by templates, numbers through recurrences",
    """
layers = [
  { name = "block{index + 1}", repeat = 2, layers = [
    { name = "old", expr = "_" }, { type = "Linear", out_features = 4 }, { expr = "old * _" },
  ] },
  { name = "body", layers = [
    { type = "Linear", out_features = 4 },
    { scan = { step = "_" }, dim = 1, layers = [
      { type = "Linear", out_features = 4 },
      { repeat = 2, type = "Linear", out_features = 4 },
      { name = "fc{index}", repeat = 2, type = "Linear", out_features = 4 },
    ] },
    { type = "Linear", out_features = 4 },
  ] },
]
""",
)
def named(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    for block in ("block1", "block2"):
        x = x * net.get_submodule(f"{block}.0")(x)
    x = net.get_submodule("body.0")(x)
    found = []
    for step in x.unbind(1):
        for name in ("1", "2", "3", "fc0", "fc1"):
            step = net.get_submodule(f"body.{name}")(step)
        found.append(step)
    return (net.get_submodule("body.4")(torch.stack(found, dim=1)),)


@case(
    "each time of a repeat",
    """
layers = [
  { name = "h", repeat = 3, layers = [{ name = "fc", type = "Linear", out_features = 4 },
    { expr = "tanh(fc)" }] },
  { name = "s", repeat = 2, scan = { step = "_" }, dim = 1,
    layers = [{ name = "fc", type = "Linear", out_features = 4 }] },
  { expr = "cat(each(h), dim=2).sum() + each(s)[0] * s" },
]
""",
)
def each(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    times = [x]
    for index in range(3):
        times.append(torch.tanh(net.get_submodule(f"h.{index}.fc")(times[-1])))
    scans = [times[-1]]
    for index in range(2):
        layer = net.get_submodule(f"s.{index}.fc")
        scans.append(torch.stack([layer(step) for step in scans[-1].unbind(1)], dim=1))
    return (torch.cat(times[1:], dim=2).sum() + scans[1] * scans[2],)


@case(
    "derivatives by slices and by what is carried",
    """
outputs = ["s", "s.h"]
layers = [
  { name = "fc", type = "Linear", in_features = 4, out_features = 1, call = false },
  { name = "s", scan = { step = "x" }, dim = 1, carry = { h = "zeros(batch, 4)" },
    outputs = "slope", layers = [
    { name = "height", expr = "tanh(fc(step * h + step ** 2)).sum()" },
    { name = "slope", expr = "grad(height, step)" },
    { name = "h", expr = "h + grad(height, h) + slope" },
  ] },
]
""",
)
def slopes(net: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    h = torch.zeros(x.shape[0], 4)
    found = []
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_()
        for step in x.unbind(1):
            h = h if h.requires_grad else h.detach().requires_grad_()
            height = torch.tanh(net.get_submodule("fc")(step * h + step**2)).sum()
            slope, pull = (
                torch.autograd.grad(height, by, create_graph=True)[0] for by in (step, h)
            )
            h = h + pull + slope
            found.append(slope)
    return torch.stack(found, dim=1), h
