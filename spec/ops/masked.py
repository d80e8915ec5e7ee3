"""Functions of the elements that a mask leaves, in the tensor's shape or reduced.

As torch, they put what changes nothing in the place of masked elements, so that some element types
go with a mask alone or without one.

Source: https://docs.pytorch.org/docs/stable/masked.html
"""

from math import inf

from ..refusal import Refusal
from ..tensor.check import is_one, need_equal
from ..tensor.dtype import DType, category, to_float
from ..tensor.type import TensorType, shape_text
from .activation import log_softmax, softmax, softmin
from .arithmetic import logaddexp, true_divide
from .base import (
    AnyNumber,
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalDType,
    OptionalFlag,
    OptionalInt,
    OptionalInts,
    OptionalTensor,
    Tensor,
    function,
)
from .cumulative import cumprod, cumsum
from .matrix_norm import linalg_vector_norm
from .pointwise import Rule, floating, keep, number, number_fraction, real, widened
from .reduction import Dims, amax, amin, argmax, argmin, mean, reduction, sum


def _mask(
    input: TensorType, mask: TensorType | None, rule: Rule | None = None, name: str = "mask"
) -> None:
    """Refuses a mask that does not broadcast to the input, and with one the element types that have
    no neutral element.

    rule: refuses these types.
    """
    if mask is None:
        return
    if mask.rank > input.rank:
        raise Refusal(
            f"{name} {shape_text(mask.shape)} has more dimensions than {shape_text(input.shape)}",
            code="shape-mismatch",
            argument=name,
            other="input",
        )
    what = f"{name} {shape_text(mask.shape)} does not broadcast to {shape_text(input.shape)}"
    ending = input.shape[input.rank - mask.rank :]
    for size, wanted in zip(mask.shape, ending, strict=True):
        if not is_one(size):
            need_equal(size, wanted, what, argument=name, other="input")
    if rule is not None:
        rule(input.dtype)


@function("torch.masked")
def masked_sum(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask)
    return sum(input, dim, bool(keepdim), dtype=dtype)


@function("torch.masked")
def masked_prod(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask)
    result = dtype or widened(input.dtype)
    product = widened(result) if input.rank else result
    return reduction(input, lambda _: product, dim, bool(keepdim))


@function("torch.masked")
def masked_mean(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask)
    return mean(input, dim, bool(keepdim), dtype=dtype)


@function("torch.masked")
def masked_amax(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask, real)
    return _converted(amax(input, dim, bool(keepdim)), dtype)


@function("torch.masked")
def masked_amin(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask, real)
    return _converted(amin(input, dim, bool(keepdim)), dtype)


def _converted(result: TensorType, dtype: DType | None) -> TensorType:
    return result.with_dtype(dtype or result.dtype)


@function("torch.masked")
def masked_argmax(
    input: Tensor,
    dim: OptionalInt = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    """Where the greatest stands, as a number of the input's dtype."""
    _mask(input, mask)
    return _converted(argmax(input, dim, bool(keepdim)), dtype or input.dtype)


@function("torch.masked")
def masked_argmin(
    input: Tensor,
    dim: OptionalInt = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    """Where the least stands, as a number of the input's dtype."""
    _mask(input, mask)
    return _converted(argmin(input, dim, bool(keepdim)), dtype or input.dtype)


@function("torch.masked")
def masked_median(
    input: Tensor,
    dim: Int = -1,
    *,
    keepdim: Flag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    """The median; only other than floating-point input heeds dtype."""
    _mask(input, mask)
    result = reduction(input, keep, dim, keepdim, filled=True)
    return result if category(input.dtype) == "float" else _converted(result, dtype)


@function("torch.masked")
def masked_logsumexp(
    input: Tensor,
    dim: OptionalInts = None,
    *,
    keepdim: Flag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, mask, number)
    return reduction(input, lambda _: dtype or input.dtype, dim, keepdim)


@function("torch.masked")
def masked_logaddexp(
    input: Tensor,
    other: Tensor,
    *,
    dtype: OptionalDType = None,
    input_mask: OptionalTensor = None,
    other_mask: OptionalTensor = None,
) -> TensorType:
    _mask(input, input_mask, real, "input_mask")
    try:
        _mask(other, other_mask, real, "other_mask")
    except Refusal as refusal:
        raise refusal.renamed(input="other") from None
    return _converted(logaddexp(input, other), dtype or input.dtype)


@function("torch.masked")
def masked_norm(
    input: Tensor,
    ord: AnyNumber = 2.0,
    dim: OptionalInts = None,
    *,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    return _norm(input, ord, dim, bool(keepdim), dtype, mask)


def _norm(
    input: TensorType,
    ord: float,
    dim: Dims,
    keepdim: bool,
    dtype: DType | None,
    mask: TensorType | None,
) -> TensorType:
    _mask(input, mask, floating if ord == -inf else None)
    try:
        return linalg_vector_norm(input, ord, dim, keepdim, dtype=dtype or input.dtype)
    except Refusal as refusal:
        raise refusal.renamed(x="input") from None


@function("torch.masked")
def masked_normalize(
    input: Tensor,
    ord: AnyNumber,
    dim: Int,
    *,
    eps: AnyNumber = 1e-12,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    """The input divided by its norm along dim, in the input's shape."""
    return true_divide(input, _norm(input, ord, dim, True, dtype, mask))


@function("torch.masked")
def masked_var(
    input: Tensor,
    dim: OptionalInts = None,
    unbiased: OptionalFlag = None,
    *,
    correction: OptionalAnyNumber = None,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    return _variance(input, dim, unbiased, correction, bool(keepdim), dtype, mask)


@function("torch.masked")
def masked_std(
    input: Tensor,
    dim: OptionalInts = None,
    unbiased: OptionalFlag = None,
    *,
    correction: OptionalAnyNumber = None,
    keepdim: OptionalFlag = False,
    dtype: OptionalDType = None,
    mask: OptionalTensor = None,
) -> TensorType:
    variance = _variance(input, dim, unbiased, correction, bool(keepdim), dtype, mask)
    return variance.with_dtype(to_float(variance.dtype))


def _variance(
    input: TensorType,
    dim: Dims,
    unbiased: bool | None,
    correction: float | None,
    keepdim: bool,
    dtype: DType | None,
    mask: TensorType | None,
) -> TensorType:
    if unbiased is not None and correction is not None:
        message = "unbiased and correction say the same"
        raise Refusal(message, argument="unbiased", other="correction")
    _mask(input, mask)
    result = number_fraction(input.dtype)
    return reduction(input, lambda _: dtype or result, dim, keepdim)


@function("torch.masked")
def masked_softmax(
    input: Tensor, dim: Int, *, dtype: OptionalDType = None, mask: OptionalTensor = None
) -> TensorType:
    _mask(input, mask, real)
    return softmax(input, dim, dtype=dtype)


@function("torch.masked")
def masked_log_softmax(
    input: Tensor, dim: Int, *, dtype: OptionalDType = None, mask: OptionalTensor = None
) -> TensorType:
    _mask(input, mask, real)
    return log_softmax(input, dim, dtype=dtype)


@function("torch.masked")
def masked_softmin(
    input: Tensor, dim: Int, *, dtype: OptionalDType = None, mask: OptionalTensor = None
) -> TensorType:
    _mask(input, mask, real)
    return softmin(input, dim, dtype=dtype)


@function("torch.masked")
def masked_cumsum(
    input: Tensor, dim: Int, *, dtype: OptionalDType = None, mask: OptionalTensor = None
) -> TensorType:
    """Sums so far, in the input's dtype."""
    _mask(input, mask)
    return cumsum(input, dim, dtype=dtype or input.dtype)


@function("torch.masked")
def masked_cumprod(
    input: Tensor, dim: Int, *, dtype: OptionalDType = None, mask: OptionalTensor = None
) -> TensorType:
    """Products so far, in the input's dtype."""
    _mask(input, mask)
    return cumprod(input, dim, dtype=dtype or input.dtype)
