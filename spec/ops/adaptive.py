"""Pooling to a given size.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
"""

from typing import Annotated

from ..kinds import Integer, Optional, Repeated, each
from ..tensor.check import need_rank
from ..tensor.type import TensorType
from .base import Flag, Result, Tensor, function
from .conv import LAYOUTS
from .pointwise import Rule, floating, inexact
from .pooling import need_filled, with_indices

Target1 = Annotated[int | tuple[int, ...], Repeated(Integer(0), 1)]
Target2 = Annotated[
    int | tuple[int | None, ...], Repeated(Integer(0), 2, items=Optional(Integer(0)))
]
Target3 = Annotated[
    int | tuple[int | None, ...], Repeated(Integer(0), 3, items=Optional(Integer(0)))
]


@function("F")
def adaptive_avg_pool1d(input: Tensor, output_size: Target1) -> TensorType:
    return _averaged(1, input, output_size)


@function("F")
def adaptive_avg_pool2d(input: Tensor, output_size: Target2) -> TensorType:
    return _averaged(2, input, output_size)


@function("F")
def adaptive_avg_pool3d(input: Tensor, output_size: Target3) -> TensorType:
    return _averaged(3, input, output_size)


@function("F")
def adaptive_max_pool1d(
    input: Tensor, output_size: Target1, return_indices: Flag = False
) -> Result:
    return _maximal(1, input, output_size, return_indices)


@function("F")
def adaptive_max_pool2d(
    input: Tensor, output_size: Target2, return_indices: Flag = False
) -> Result:
    return _maximal(2, input, output_size, return_indices)


@function("F")
def adaptive_max_pool3d(
    input: Tensor, output_size: Target3, return_indices: Flag = False
) -> Result:
    return _maximal(3, input, output_size, return_indices)


def _averaged(
    spatial: int, input: TensorType, output_size: int | tuple[int | None, ...] | None
) -> TensorType:
    if spatial > 1 and set(each(output_size, spatial)) == {1} and input.rank >= spatial:
        # torch takes the mean, which knows complex numbers and any number of dimensions.
        kept = input.shape[: input.rank - spatial]
        return TensorType.of((*kept, *[1] * spatial), inexact(input.dtype))
    rule = inexact if each(output_size, 1) == (1,) else floating
    filled = 4 if spatial == 3 else spatial
    return _resized(spatial, rule, filled, input, output_size)


def _maximal(
    spatial: int,
    input: TensorType,
    output_size: int | tuple[int | None, ...] | None,
    return_indices: bool,
) -> Result:
    output = _resized(spatial, floating, spatial + 1, input, output_size)
    return with_indices(output, return_indices)


def _resized(
    spatial: int,
    rule: Rule,
    filled: int,
    input: TensorType,
    output_size: int | tuple[int | None, ...] | None,
) -> TensorType:
    """(N, C, *) -> (N, C, *output_size); N may be missing; None keeps the input's size."""
    need_rank(input, (spatial + 1, spatial + 2), "input", LAYOUTS[spatial])
    need_filled(input, filled)
    sizes = [
        size if target is None else target
        for size, target in zip(input.shape[-spatial:], each(output_size, spatial), strict=True)
    ]
    return TensorType.of((*input.shape[:-spatial], *sizes), rule(input.dtype))
