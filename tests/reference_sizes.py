"""The sizes of a spec as the interpreter binds them: by the shapes that inputs have."""

from __future__ import annotations

import ast
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

from reference_names import Frame, Names


def bind_inputs(section: Mapping[str, Any], frame: Frame, inputs: Sequence[Any]) -> None:
    """Binds the inputs of the model or a block, and the names in their declared shapes."""
    declared = section.get("inputs", ["x"])
    left_out = [None] * (len(declared) - len(inputs))
    for name, value in zip(declared, (*inputs, *left_out), strict=True):
        frame.values[name] = value
        if value is None:
            continue
        shape = declared[name] if isinstance(declared, dict) else ()
        shape = shape.get("shape", ()) if isinstance(shape, dict) else shape
        if shape and len(shape) != value.dim():
            raise ValueError(f"{name} has {value.dim()} dimensions")
        for seen, size in zip(value.shape, shape, strict=False):
            _bind_size(size, seen, frame)


def _bind_size(size: Any, seen: int, frame: Frame) -> None:
    tree = ast.parse(str(size), mode="eval")
    words = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    # "16*h": the number that makes it so.
    for name in words:
        if name not in frame.values:
            fits = (n for n in range(seen + 1) if eval(size, {name: n}) == seen)
            frame.values[name] = next(fits, None)
    if eval(str(size), {}, Names(ChainMap(*frame.values.maps))) != seen:
        raise ValueError(f"{size} is {seen}")
