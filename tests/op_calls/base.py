"""What the files of calls share: drawing a tensor's type, and the list of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, shapes

from specc.spec.tensor.dtype import DType
from specc.spec.tensor.type import TensorType

Call = tuple[str, list[Any], dict[str, Any]]
CALLS: list[Callable[[Draw], Call]] = []
INDEXED = {"gather", "index_select", "one_hot", "searchsorted", "embedding_bag"}
"""Functions whose whole-number tensors are indices: they are called with zeros."""
dims = st.integers(-4, 3)
lists_of_dims = st.lists(dims, max_size=3)


def call(function: Callable[[Draw], Call]) -> Callable[[Draw], Call]:
    """Registers what draws calls of one or several functions: name, arguments, keywords."""
    CALLS.append(function)
    return function


def a_tensor(draw: Draw, least: int = 0, most: int = 4, dtype: DType = "float32") -> TensorType:
    return TensorType.of(draw(shapes(least, most)), dtype)
