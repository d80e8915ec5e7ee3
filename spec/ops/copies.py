"""Copies of what a view shows, with the view's arguments and rule.

Source: `view_copy`, `expand_copy`, … of torch's namespace.
"""

from ..tensor.type import TensorType
from .base import Flag, Int, OptionalSize, Positive, Sizes, Tensor, alias, function
from .casting import detach
from .diagonals import diagonal
from .reshaping import expand, permute, squeeze, t, transpose, unsqueeze, view
from .selecting import cut, narrow, select
from .splitting import split_with_sizes, unbind, unsafe_split
from .strides import as_strided, method_unfold, view_as_complex, view_as_real

alias_copy = alias(detach)
as_strided_copy = alias(as_strided)
detach_copy = alias(detach)
diagonal_copy = alias(diagonal)
narrow_copy = alias(narrow, method=True)
permute_copy = alias(permute)
select_copy = alias(select)
split_copy = alias(unsafe_split)
split_with_sizes_copy = alias(split_with_sizes)
squeeze_copy = alias(squeeze)
t_copy = alias(t)
transpose_copy = alias(transpose)
unbind_copy = alias(unbind)
unfold_copy = alias(method_unfold)
unsqueeze_copy = alias(unsqueeze)
view_as_complex_copy = alias(view_as_complex)
view_as_real_copy = alias(view_as_real)
view_copy = alias(view)


@function("torch")
def expand_copy(input: Tensor, size: Sizes, *, implicit: Flag = False) -> TensorType:
    """Dimensions of size 1 repeated; -1 keeps a size."""
    return expand(input, size)


@function("torch")
def slice_copy(
    input: Tensor,
    dim: Int = 0,
    start: OptionalSize = None,
    end: OptionalSize = None,
    step: Positive = 1,
) -> TensorType:
    """As the slice `start:end:step` of a dimension."""
    return cut(input, dim, start, end, step)
