"""A table of a model's layers, as torch sees them in one forward pass."""

import functools
from typing import Any

import torch
from torch import Tensor, nn


def summarize(model: nn.Module, *inputs: Tensor) -> str:
    """Return a table: each layer's name, type, output shape and own parameters.

    A layer that only serves inside another, and is never called, has no shape.
    """
    shapes: dict[str, str] = {}

    def record(name: str, module: nn.Module, arguments: Any, output: Any) -> None:
        while isinstance(output, tuple):  # of packed sequences, their data comes first
            output = output[0]
        shapes[name] = str(tuple(output.shape))

    hooks = [
        module.register_forward_hook(functools.partial(record, name))
        for name, module in model.named_modules()
    ]
    model.eval()
    with torch.no_grad():
        model(*inputs)
    for hook in hooks:
        hook.remove()

    table = [("layer", "type", "output", "parameters")]
    for name, module in model.named_modules():
        own = sum(p.numel() for p in module.parameters(recurse=False))
        if own or not any(module.children()):
            kind = type(module).__name__
            table.append((name or "(model)", kind, shapes.get(name, ""), f"{own:,}"))
    total = sum(p.numel() for p in model.parameters())
    table.append(("total", "", "", f"{total:,}"))
    return format_table(table)


def format_table(rows: list[tuple[str, str, str, str]]) -> str:
    """Return rows as text in aligned columns, the last one aligned to the right."""
    a, b, c, d = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [f"{w:{a}}  {x:{b}}  {y:{c}}  {z:>{d}}" for w, x, y, z in rows]
    return "\n".join(lines)
