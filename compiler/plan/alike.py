"""Layers of a list that are written alike: a generator makes them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from ..emit import code

_FEWEST: Final = 3
"""From how many on a generator says them shorter."""


def alike(items: Sequence[Any], index: str) -> code.GeneratorExp | None:
    """`nn.Embedding(sizes[index], 8) for index in range(3)`, where the items of a list differ in
    nothing but the place in what they index; None where they do.

    index: a name that means nothing here.
    """
    if len(items) < _FEWEST or not all(isinstance(item, code.Call) for item in items):
        return None
    times = code.Call(code.Name("range"), (code.Constant(len(items)),))
    if all(item == items[0] for item in items):
        return code.GeneratorExp(items[0], code.Name("_"), times)
    counted = [_counted(item, place, code.Name(index)) for place, item in enumerate(items)]
    if any(item != counted[0] for item in counted):
        return None
    return code.GeneratorExp(counted[0], code.Name(index), times)


def _counted(node: Any, place: int, index: code.Name) -> Any:
    """An item of a list with its own place as a name, wherever it stands in an index."""
    match node:
        case code.Subscript(code.Name(), code.Constant(int(number))) if number == place:
            return code.Subscript(node.value, index)
        case tuple():
            return tuple(_counted(item, place, index) for item in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {part.name: getattr(node, part.name) for part in fields(node)}
    return replace(node, **{name: _counted(part, place, index) for name, part in parts.items()})
