"""The limits of element types, as `torch.finfo` and `torch.iinfo` give them."""

from __future__ import annotations

from typing import Final

from ..refusal import Refusal

# Bits of fraction and of exponent (IEEE 754, and bfloat16).
_FLOATS: Final = {"float16": (10, 5), "bfloat16": (7, 8), "float32": (23, 8), "float64": (52, 11)}
_INTEGERS: Final = {
    "uint8": (0, 8),
    "int8": (7, 7),
    "int16": (15, 15),
    "int32": (31, 31),
    "int64": (63, 63),
}


def limit(function: str, dtype: object, name: str) -> int | float:
    """`finfo(dtype).name` or `iinfo(dtype).name`. Raises `Refusal` where torch has none."""
    if function == "finfo" and dtype in _FLOATS:
        fraction, exponent = _FLOATS[str(dtype)]
        bias = 2 ** (exponent - 1) - 1
        largest = (2.0 - 2.0**-fraction) * 2.0**bias
        values: dict[str, int | float] = {
            "max": largest,
            "min": -largest,
            "eps": 2.0**-fraction,
            "tiny": 2.0 ** (1 - bias),
        }
    elif function == "iinfo" and dtype in _INTEGERS:
        low, high = _INTEGERS[str(dtype)]
        values = {"max": 2**high - 1, "min": -(2**low) if low else 0}
    else:
        raise Refusal(f"{function} has no limits of {dtype}", code="invalid-value")
    if name not in values:
        raise Refusal(f"{function} has no {name}", code="unknown-attribute")
    return values[name]
