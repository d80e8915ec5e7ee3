"""Values of a spec's arguments as code."""

from __future__ import annotations

import math

from ..emit import code


def constant(value: object) -> code.Expression:
    """A number, string, boolean, None or tuple of these, as code."""
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
