"""Discrete Fourier transforms: `torch.fft`, written with their namespace, `fft.rfft(x)`.

Source: https://docs.pytorch.org/docs/stable/fft.html
"""

from typing import Annotated

from ..kinds import Choice, Optional, Repeated
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, DType, category, complex_to_real, real_to_complex, to_float
from ..tensor.type import TensorType
from .base import (
    AnyNumber,
    AnySize,
    Int,
    Ints,
    OptionalDType,
    OptionalInts,
    OptionalSize,
    SizeKind,
    Tensor,
    alias,
    function,
)

Norm = Annotated[str | None, Optional(Choice("backward", "forward", "ortho"))]
Lengths = Annotated[Dim | tuple[Dim, ...] | None, Optional(Repeated(SizeKind()))]


def transformable(dtype: DType, *, real: bool = False, argument: str = "input") -> DType:
    """The dtype that a transform works in: whole numbers become float32.

    real: whether only real numbers are transformed.
    """
    half = dtype in ("float16", "bfloat16")
    if half or (real and category(dtype) == "complex"):
        raise Refusal(f"torch transforms no {dtype} here", code="dtype-mismatch", argument=argument)
    return to_float(dtype)


def to_complex(dtype: DType) -> DType:
    """A complex type itself, or the one with parts of a floating-point type."""
    return dtype if category(dtype) == "complex" else real_to_complex(dtype)


def _need_transformed(input: TensorType, lengths: dict[int, Dim], dtype: DType) -> TensorType:
    """The result with these lengths along the transformed dimensions; all must hold numbers."""
    shape = tuple(lengths.get(place, size) for place, size in enumerate(input.shape))
    for size in (*input.shape, *shape):
        need_at_least(size, 1, "there is nothing to transform", argument="input")
    return TensorType(shape, dtype)


def _along(input: TensorType, n: Dim | None, dim: int) -> tuple[int, Dim | None]:
    """The transformed dimension, counted from 0, and its length where n says it."""
    if not input.rank:
        raise Refusal("a single number has no dimension to transform", argument="input")
    if n is not None:
        need_at_least(n, 1, f"n must be at least 1, not {n}", argument="n")
    return dimension(dim, input.rank), n


def _over(
    input: TensorType, s: Dim | tuple[Dim, ...] | None, dim: int | tuple[int, ...] | None
) -> dict[int, Dim | None]:
    """The transformed dimensions, counted from 0, with their lengths where s says them."""
    sizes = (s,) if isinstance(s, Dim) else s
    dims = dim if dim is None or isinstance(dim, tuple) else (dim,)
    if sizes is not None and dims is not None and len(sizes) != len(dims):
        raise Refusal(f"s has {len(sizes)} sizes for {len(dims)} dimensions", argument="s")
    if sizes is not None and len(sizes) > input.rank:
        raise Refusal(f"s has {len(sizes)} sizes, input {input.rank}", argument="s", other="input")
    if dims is None:
        count = input.rank if sizes is None else len(sizes)
        dims = tuple(range(input.rank - count, input.rank))
    places = [dimension(one, input.rank) for one in dims]
    if len(set(places)) < len(places) or (places and not input.rank):
        raise Refusal(f"dim names a dimension twice, or none: {dims}", argument="dim")
    given = [None if size == -1 else size for size in sizes or (Dim.of(-1),) * len(places)]
    for size in given:
        if size is not None:
            need_at_least(size, 1, f"a size must be at least 1 or -1, not {size}", argument="s")
    return dict(zip(places, given, strict=True))


def _settled(input: TensorType, lengths: dict[int, Dim | None]) -> dict[int, Dim]:
    """The lengths that are asked for, else the input's own."""
    return {place: input.shape[place] if size is None else size for place, size in lengths.items()}


def _full(input: TensorType, lengths: dict[int, Dim | None]) -> TensorType:
    """From complex numbers to as many."""
    settled = _settled(input, lengths)
    return _need_transformed(input, settled, to_complex(transformable(input.dtype)))


def _halved(input: TensorType, lengths: dict[int, Dim | None]) -> TensorType:
    """From real numbers to the half of their transform that says all, along the last."""
    _need_dimension(lengths)
    settled = _settled(input, lengths)
    last = list(settled)[-1]
    settled[last] = settled[last] // 2 + 1
    return _need_transformed(input, settled, to_complex(transformable(input.dtype, real=True)))


def _doubled(input: TensorType, lengths: dict[int, Dim | None]) -> TensorType:
    """From the half of a transform, along the last, to real numbers."""
    _need_dimension(lengths)
    last, length = list(lengths.items())[-1]
    settled = _settled(input, lengths)
    settled[last] = 2 * (input.shape[last] - 1) if length is None else length
    return _need_transformed(input, settled, complex_to_real(transformable(input.dtype)))


def _need_dimension(lengths: dict[int, Dim | None]) -> None:
    if not lengths:
        raise Refusal("at least one dimension must be transformed", argument="dim")


@function("torch.fft")
def fft_fft(input: Tensor, n: OptionalSize = None, dim: Int = -1, norm: Norm = None) -> TensorType:
    """(*, n) -> (*, n) complex"""
    return _full(input, dict([_along(input, n, dim)]))


@function("torch.fft")
def fft_rfft(input: Tensor, n: OptionalSize = None, dim: Int = -1, norm: Norm = None) -> TensorType:
    """(*, n) -> (*, n // 2 + 1) complex"""
    return _halved(input, dict([_along(input, n, dim)]))


@function("torch.fft")
def fft_irfft(
    input: Tensor, n: OptionalSize = None, dim: Int = -1, norm: Norm = None
) -> TensorType:
    """(*, m) -> (*, 2 * (m - 1)) real"""
    return _doubled(input, dict([_along(input, n, dim)]))


@function("torch.fft")
def fft_fft2(
    input: Tensor, s: Lengths = None, dim: Ints = (-2, -1), norm: Norm = None
) -> TensorType:
    """(*, n, m) -> (*, n, m) complex"""
    return _full(input, _over(input, s, dim))


@function("torch.fft")
def fft_rfft2(
    input: Tensor, s: Lengths = None, dim: Ints = (-2, -1), norm: Norm = None
) -> TensorType:
    """(*, n, m) -> (*, n, m // 2 + 1) complex"""
    return _halved(input, _over(input, s, dim))


@function("torch.fft")
def fft_irfft2(
    input: Tensor, s: Lengths = None, dim: Ints = (-2, -1), norm: Norm = None
) -> TensorType:
    """(*, n, m) -> (*, n, 2 * (m - 1)) real"""
    return _doubled(input, _over(input, s, dim))


@function("torch.fft")
def fft_fftn(
    input: Tensor, s: Lengths = None, dim: OptionalInts = None, norm: Norm = None
) -> TensorType:
    """As fft2, along any dimensions, all by default."""
    return _full(input, _over(input, s, dim))


@function("torch.fft")
def fft_rfftn(
    input: Tensor, s: Lengths = None, dim: OptionalInts = None, norm: Norm = None
) -> TensorType:
    """As rfft2, along any dimensions, all by default."""
    return _halved(input, _over(input, s, dim))


@function("torch.fft")
def fft_irfftn(
    input: Tensor, s: Lengths = None, dim: OptionalInts = None, norm: Norm = None
) -> TensorType:
    """As irfft2, along any dimensions, all by default."""
    return _doubled(input, _over(input, s, dim))


fft_ifft = alias(fft_fft, "torch.fft")
fft_hfft = alias(fft_irfft, "torch.fft")
fft_ihfft = alias(fft_rfft, "torch.fft")
fft_ifft2 = alias(fft_fft2, "torch.fft")
fft_hfft2 = alias(fft_irfft2, "torch.fft")
fft_ihfft2 = alias(fft_rfft2, "torch.fft")
fft_ifftn = alias(fft_fftn, "torch.fft")
fft_hfftn = alias(fft_irfftn, "torch.fft")
fft_ihfftn = alias(fft_rfftn, "torch.fft")


@function("torch.fft")
def fft_fftshift(input: Tensor, dim: OptionalInts = None) -> TensorType:
    """The same shape, the frequency 0 moved to the middle."""
    dims = tuple(range(input.rank)) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    if not dims or not input.rank:
        raise Refusal("there is no dimension to shift", argument="dim")
    for one in dims:
        dimension(one, input.rank)
    return input


fft_ifftshift = alias(fft_fftshift, "torch.fft")


@function("torch.fft", factory=True)
def fft_fftfreq(n: AnySize, d: AnyNumber = 1.0, *, dtype: OptionalDType = None) -> TensorType:
    """(n,): the frequencies of fft's result"""
    return _frequencies(n, n, dtype)


@function("torch.fft", factory=True)
def fft_rfftfreq(n: AnySize, d: AnyNumber = 1.0, *, dtype: OptionalDType = None) -> TensorType:
    """(n // 2 + 1,): the frequencies of rfft's result"""
    return _frequencies(n, n // 2 + 1, dtype)


def _frequencies(n: Dim, length: Dim, dtype: DType | None) -> TensorType:
    need_at_least(n, 0, f"n must not be negative: {n}", argument="n")
    if dtype is not None and category(dtype) != "float":
        raise Refusal(f"frequencies are no {dtype}", code="dtype-mismatch", argument="dtype")
    return TensorType((length,), dtype or DEFAULT)
