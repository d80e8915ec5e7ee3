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
INDEXED = {
    "embedding_bag",
    "gather",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "index_select",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "narrow",
    "narrow_copy",
    "one_hot",
    "put",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "searchsorted",
    "take",
    "take_along_dim",
    "unravel_index",
}
"""Functions whose whole-number tensors are indices: they are called with zeros."""
dims = st.integers(-4, 3)
lists_of_dims = st.lists(dims, max_size=3)


def call(function: Callable[[Draw], Call]) -> Callable[[Draw], Call]:
    """Registers what draws calls of one or several functions: name, arguments, keywords."""
    CALLS.append(function)
    return function


def a_tensor(draw: Draw, least: int = 0, most: int = 4, dtype: DType = "float32") -> TensorType:
    return TensorType.of(draw(shapes(least, most)), dtype)
