"""Element types by torch's names, and how torch promotes them.

Source: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

DType = Literal[
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
Category = Literal["bool", "integer", "float", "complex"]

_BYTES: Final[dict[DType, int]] = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
DTYPES: Final[tuple[DType, ...]] = tuple(_BYTES)
DEFAULT: Final[DType] = "float32"
_CATEGORIES: Final[tuple[Category, ...]] = ("bool", "integer", "float", "complex")


def itemsize(dtype: DType) -> int:
    """Bytes of one element."""
    return _BYTES[dtype]


def category(dtype: DType) -> Category:
    """The kind of number that torch's promotion looks at first."""
    if dtype == "bool":
        return "bool"
    if dtype.startswith("complex"):
        return "complex"
    return "float" if "float" in dtype else "integer"


def whole_range(dtype: DType) -> tuple[int, int]:
    """The least and the largest whole number that a type reaches, among those of 64 bits."""
    if dtype == "bool":
        return 0, 1
    if dtype == "uint8":
        return 0, 255
    if dtype == "float16":
        return -65504, 65504
    most = 2 ** (8 * itemsize(dtype) - 1) - 1 if category(dtype) == "integer" else 2**63 - 1
    return -most - 1, most


def is_floating_point(dtype: DType) -> bool:
    """As `torch.dtype.is_floating_point`."""
    return category(dtype) == "float"


def rank(kind: Category) -> int:
    """Place of a category in bool < integer < float < complex."""
    return _CATEGORIES.index(kind)


def promote(left: DType, right: DType) -> DType:
    """As `torch.promote_types`."""
    if left == right:
        return left
    low, high = sorted((left, right), key=lambda d: (rank(category(d)), DTYPES.index(d)))
    if category(low) != category(high):
        return _across(low, high)
    if low == "uint8":
        # The signed type must hold 0..255: int8 cannot.
        return "int16" if high == "int8" else high
    if (low, high) == ("float16", "bfloat16"):
        return "float32"
    return high


def _across(low: DType, high: DType) -> DType:
    """Promotion of two categories, `high` being of the higher one."""
    if category(high) == "complex" and low == "float64":
        return "complex128"
    return high


def real_to_complex(dtype: DType) -> DType:
    """The complex type with parts of this floating-point type."""
    return "complex128" if dtype == "float64" else "complex64"


def complex_to_real(dtype: DType) -> DType:
    """The type of the parts of a complex type; other types are their own."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)  # type: ignore[return-value]


def to_float(dtype: DType) -> DType:
    """The type of a function that always gives fractions: integers become the default type."""
    return dtype if category(dtype) in ("float", "complex") else DEFAULT


def of_number(value: bool | int | float) -> DType:
    """The type that a Python number stands for in promotion."""
    if isinstance(value, bool):
        return "bool"
    return "int64" if isinstance(value, int) else DEFAULT


def promote_all(by_priority: Iterable[DType | None]) -> DType:
    """As `torch.result_type` for the types of tensors with dimensions, of those without, and of
    Python numbers, in this order: a later group counts only if its category is higher.

    Raises ValueError where torch gives complex32, which is none of these types.
    """
    result: DType | None = None
    for dtype in by_priority:
        if dtype is None:
            continue
        if result is None:
            result = dtype
        elif rank(category(dtype)) > rank(category(result)):
            result = _raised(result, dtype)
    return result or DEFAULT


def _raised(dtype: DType, by: DType) -> DType:
    """The type where a group of a higher category meets `dtype`, whose precision stays."""
    if category(dtype) == "float":
        if dtype == "float16":
            raise ValueError("float16 and complex numbers give complex32, which few functions take")
        return real_to_complex(dtype)
    return promote(dtype, by)
