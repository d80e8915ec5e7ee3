"""Nested states: tensors under flat names, and all the rest as what JSON can say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

TENSOR, TUPLE, ITEMS, COUNTS = "$tensor", "$tuple", "$items", "$counts"


def packed(value: Any, tensors: dict[str, Tensor], name: str = "") -> Any:
    """Return what JSON keeps of a value, with the names of its tensors in their places.

    Args:
        tensors: where they are put
        name: what the names of the value's tensors begin with
    """
    if isinstance(value, Tensor):
        return _packed_tensor(value.detach(), tensors, name)
    if isinstance(value, Mapping):
        items = {key: packed(value[key], tensors, _joined(name, key)) for key in value}
        is_plain = all(isinstance(key, str) for key in items)
        if is_plain and not isinstance(value, Counter):
            return items
        kind = COUNTS if isinstance(value, Counter) else ITEMS
        return {kind: [list(item) for item in items.items()]}
    if isinstance(value, list | tuple):
        listed = [
            packed(item, tensors, _joined(name, index))
            for index, item in enumerate(value)
        ]
        return {TUPLE: listed} if isinstance(value, tuple) else listed
    return value


def unpacked(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Return the value of which `packed` made another one and tensors."""
    if isinstance(value, list):
        return [unpacked(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if TENSOR in value:
        return _unpacked_tensor(tensors[value[TENSOR]], value)
    if TUPLE in value:
        return tuple(unpacked(value[TUPLE], tensors))
    if COUNTS in value:
        return Counter(dict(value[COUNTS]))
    if ITEMS in value:
        return {key: unpacked(item, tensors) for key, item in value[ITEMS]}
    return {key: unpacked(item, tensors) for key, item in value.items()}


def described(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield everything in a value by a flat name; a tensor by its shape and type."""
    if isinstance(value, Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        yield name, f"{tuple(value.shape)} {dtype}"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from described(item, _joined(name, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from described(item, _joined(name, index))
    else:
        yield name, value


def _joined(name: str, key: object) -> str:
    return f"{name}.{key}" if name else str(key)


def _packed_tensor(tensor: Tensor, tensors: dict[str, Tensor], name: str) -> Any:
    kept = {TENSOR: name}
    # Sums over memory in another order have other last bits.
    strides = {} if tensor.is_contiguous() else {"strides": list(tensor.stride())}
    # safetensors has no pairs of doubles, and takes memory but once.
    pairs = {"complex": True} if tensor.dtype == torch.complex128 else {}
    plain = torch.view_as_real(tensor.resolve_conj()) if pairs else tensor
    tensors[name] = plain.cpu().clone(memory_format=torch.contiguous_format)
    return kept | strides | pairs


def _unpacked_tensor(kept: Tensor, says: Mapping[str, Any]) -> Tensor:
    tensor = torch.view_as_complex(kept) if "complex" in says else kept
    # Memory of torch's own begins where its fastest functions want it.
    if "strides" not in says:
        return tensor.clone()
    shape, strides = tensor.shape, says["strides"]
    return torch.empty_strided(shape, strides, dtype=tensor.dtype).copy_(tensor)
