"""What a value is, in words."""

from __future__ import annotations

from ...spec.ops.base import UNPACKING
from ...spec.tensor.dim import Dim
from ...spec.tensor.type import PackedType, TensorType, shape_text, tensors
from .typed import ModuleValue, OptionalType


def describe(value: object) -> str:
    """What a value is, for a message."""
    if isinstance(value, TensorType):
        return f"a tensor {shape_text(value.shape)} {value.dtype}"
    if isinstance(value, OptionalType):
        return f"{describe(value.type)} or None"
    if isinstance(value, PackedType):
        return f"a packed sequence {value.padded}"
    if isinstance(value, tuple) and any(tensors(value)):
        return f"{len(value)} tensor{'' if len(value) == 1 else 's'}"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    if isinstance(value, ModuleValue):
        return f"the module {value.name}"
    if value is None:
        return "None"
    if isinstance(value, str):
        return f'the string "{value}"'
    if isinstance(value, Dim) and not value.is_constant:
        return f"the size {value}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is ... or isinstance(value, slice):
        return "..." if value is ... else "a slice"
    return f"the number {value}"


def unpacking(value: object) -> str | None:
    """What to write where a packed sequence stands in a tensor's place; None for other values."""
    return UNPACKING if isinstance(value, PackedType) else None
