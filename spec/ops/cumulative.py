"""What has added up so far along a dimension.

Source: https://docs.pytorch.org/docs/stable/torch.html#other-operations
"""

from ..tensor.check import dimension
from ..tensor.dtype import DType
from ..tensor.type import TensorType
from .base import Int, OptionalDType, Result, Tensor, function
from .pointwise import inexact, number, ordered, widened


@function("torch", method=True)
def cumsum(input: Tensor, dim: Int, *, dtype: OptionalDType = None) -> TensorType:
    return _added(input, dim, dtype)


@function("torch", method=True)
def cumprod(input: Tensor, dim: Int, *, dtype: OptionalDType = None) -> TensorType:
    return _added(input, dim, dtype)


def _added(input: TensorType, dim: int, dtype: DType | None) -> TensorType:
    dimension(dim, input.rank)
    result = dtype or widened(input.dtype)
    # A single number is copied as it is.
    return input.with_dtype(number(result) if input.rank else result)


@function("torch", method=True)
def logcumsumexp(input: Tensor, dim: Int) -> TensorType:
    """The logarithm of the sum of exponentials so far."""
    dimension(dim, input.rank)
    return input.with_dtype(inexact(input.dtype))


@function("torch", method=True)
def cummax(input: Tensor, dim: Int) -> Result:
    """The greatest so far, and where it stands."""
    return _extreme_so_far(input, dim)


@function("torch", method=True)
def cummin(input: Tensor, dim: Int) -> Result:
    """The least so far, and where it stands."""
    return _extreme_so_far(input, dim)


def _extreme_so_far(input: TensorType, dim: int) -> Result:
    dimension(dim, input.rank)
    # A single number is copied as it is.
    values = input.with_dtype(ordered(input.dtype)) if input.rank else input
    return values, input.with_dtype("int64")
