"""Values of a spec's arguments as code."""

from __future__ import annotations

import math

from ...spec.literals import TensorLiteral
from ...spec.tensor.dtype import DEFAULT
from ..emit import code


def constant(value: object) -> code.Expression:
    """A number, string, boolean, None, tensor or tuple of these, as code."""
    if isinstance(value, TensorLiteral):
        return _tensor(value)
    if isinstance(value, tuple | list):
        return code.Tuple(tuple(map(constant, value)))
    if isinstance(value, float) and not math.isfinite(value):
        return code.Call(code.Name("float"), (code.Constant(str(value)),))
    if isinstance(value, bool | int | float | str | None):
        negative = isinstance(value, int | float) and not isinstance(value, bool) and value < 0
        if negative:
            return code.UnaryOp("-", constant(-value))  # type: ignore[operator]
        return code.Constant(value)
    return code.Constant(int(value))  # type: ignore[call-overload]


def _tensor(literal: TensorLiteral) -> code.Expression:
    dtype = (code.Keyword("dtype", code.Name(f"torch.{literal.dtype}")),)
    items = (_floats(literal.items),)
    return code.Call(code.Name("torch.tensor"), items, () if literal.dtype == DEFAULT else dtype)


def _floats(items: object) -> code.Expression:
    """Numbers in nested lists; whole ones would make a tensor of integers."""
    if isinstance(items, tuple):
        return code.List(tuple(map(_floats, items)))
    return constant(float(items))  # type: ignore[arg-type]
