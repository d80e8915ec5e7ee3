"""Tensors of random numbers.

Source: https://docs.pytorch.org/docs/stable/torch.html#random-sampling
"""

from typing import Annotated, Final

from ..kinds import Either, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import broadcast, need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, DType, category, whole_range
from ..tensor.type import TensorType
from .base import (
    LEFT_OUT,
    AnySize,
    Flag,
    LeftOut,
    Numeric,
    Operand,
    OptionalDType,
    SizeKind,
    Sizes,
    Tensor,
    TensorKind,
    function,
    operand_shapes,
)
from .factory import made
from .pointwise import floating, need_storable, only, ordered

SizeOrTensor = Annotated[Dim | TensorType, Either(SizeKind(), TensorKind())]
Lengths = Annotated[tuple[Dim, ...] | LeftOut, Repeated(SizeKind(), single=False)]
Deviation = Annotated[
    TensorType | bool | int | float | Dim | LeftOut, Either(TensorKind(), Numeric())
]
Chance = Annotated[float | LeftOut, Real(0.0, 1.0)]
_NOTHING: Final = Dim.of(0)
_LARGEST: Final = 2**63 - 1
_MOST: Final[dict[DType, int]] = {
    "float16": 2**11 + 1,
    "float32": 2**24 + 1,
    "float64": 2**53 + 1,
}
"""Up to how many numbers `randperm` tells apart."""
_CATEGORIES: Final = 2**24
"""Up to how many categories `multinomial` draws from."""


@function("torch", factory=True, variadic="size")
def rand(size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    return made(size, drawn(dtype or DEFAULT))


@function("torch", factory=True, variadic="size")
def randn(size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    return made(size, drawn(dtype or DEFAULT))


@function("torch")
def rand_like(input: Tensor, *, dtype: OptionalDType = None) -> TensorType:
    return input.with_dtype(drawn(dtype or input.dtype))


@function("torch")
def randn_like(input: Tensor, *, dtype: OptionalDType = None) -> TensorType:
    return input.with_dtype(drawn(dtype or input.dtype))


def drawn(dtype: DType) -> DType:
    """The dtype, which must be one that torch draws."""
    if category(dtype) not in ("float", "complex"):
        raise Refusal(f"torch draws no {dtype} here", code="dtype-mismatch", argument="dtype")
    return dtype


@function("torch", factory=True, forms=("high size", "low high size"))
def randint(
    high: AnySize, size: Sizes, low: AnySize = _NOTHING, *, dtype: OptionalDType = None
) -> TensorType:
    """Whole numbers from low to high, without high."""
    result = dtype or "int64"
    _need_between(low, high, result)
    return made(size, result)


@function("torch", forms=("input high", "input low high"))
def randint_like(
    input: Tensor, high: SizeOrTensor, low: AnySize = _NOTHING, *, dtype: OptionalDType = None
) -> TensorType:
    """Whole numbers from low to high, without high."""
    result = dtype or input.dtype
    if isinstance(high, TensorType):
        need_rank(high, (0,), "high", "a single number")
        high = low + 1
    _need_between(low, high, result)
    return input.with_dtype(result)


def _need_between(low: Dim, high: Dim, dtype: DType) -> None:
    """Refuses bounds between which torch draws no numbers of this dtype."""
    need_at_least(
        high - low, 1, f"low = {low} must be below high = {high}", argument="low", other="high"
    )
    if category(dtype) == "complex":
        raise Refusal(f"torch draws no {dtype} here", code="dtype-mismatch", argument="dtype")
    least, most = whole_range(dtype)
    if most == _LARGEST and not (low.is_constant and high.is_constant):
        return  # a size always fits
    need_at_least(low - least, 0, f"low = {low} does not fit {dtype}", argument="low")
    need_at_least(most + 1 - high, 0, f"{high} - 1 does not fit {dtype}", argument="high")


@function("torch", factory=True)
def randperm(n: AnySize, *, dtype: OptionalDType = None) -> TensorType:
    """The numbers below n in a random order."""
    result = only("integer", "float")(dtype or "int64")
    need_at_least(n, 0, "n must not be negative", argument="n")
    most = _MOST.get(result, whole_range(result)[1] + 1)
    if most <= _LARGEST:
        need_at_least(most - n, 0, f"{result} tells {most} numbers apart, not {n}", argument="n")
    return TensorType((n,), result)


@function("torch", factory=True, made_by="size")
def normal(
    mean: Operand,
    std: Deviation = LEFT_OUT,
    size: Lengths = LEFT_OUT,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    """Normally distributed numbers around each mean, or of one mean and deviation."""
    if isinstance(std, Dim):
        need_at_least(std, 0, f"std must be at least 0, not {std}", argument="std")
    elif isinstance(std, float | int) and not std >= 0:
        raise Refusal(f"std must be at least 0, not {std}", argument="std")
    tensors = [one for one in (mean, std) if isinstance(one, TensorType)]
    if not tensors:
        if isinstance(std, LeftOut) or isinstance(size, LeftOut):
            name = "std" if isinstance(std, LeftOut) else "size"
            raise Refusal(f"with a number as mean, normal needs {name}", argument=name)
        return made(size, drawn(dtype or DEFAULT))
    for name, given in (("size", size), ("dtype", dtype)):
        if given is not None and not isinstance(given, LeftOut):
            raise Refusal(f"{name} goes with two numbers, not with tensors", argument=name)
    if isinstance(std, TensorType) and category(std.dtype) == "complex":
        raise Refusal("a deviation is not complex", code="dtype-mismatch", argument="std")
    if isinstance(mean, int | float) and tensors[0].dtype == "float32":
        need_storable(mean, "float32", "mean")
    shape = broadcast(*operand_shapes(mean, std), names=("mean", "std"))
    return TensorType(shape, drawn(tensors[0].dtype))


@function("torch", method=True)
def bernoulli(input: Tensor, p: Chance = LEFT_OUT) -> TensorType:
    """0 or 1, with the probabilities of the input, or with one for all."""
    rule = floating if isinstance(p, LeftOut) else ordered
    return input.with_dtype(rule(input.dtype))


@function("torch")
def poisson(input: Tensor) -> TensorType:
    """Counts, with the rates of the input."""
    return input.with_dtype(floating(input.dtype))


@function("torch", method=True)
def multinomial(input: Tensor, num_samples: AnySize, replacement: Flag = False) -> TensorType:
    """(categories,) -> (num_samples,), or (*, categories) -> (*, num_samples): their numbers"""
    floating(input.dtype)
    need_rank(input, (1, 2), "input", "(categories,) or (rows, categories)")
    need_at_least(
        num_samples, 1, f"num_samples must be at least 1, not {num_samples}", argument="num_samples"
    )
    categories = input.shape[-1]
    need_at_least(categories, 1, "there must be a category", argument="input")
    if categories.is_constant and categories > _CATEGORIES:
        raise Refusal(f"torch draws from {_CATEGORIES} categories at most", argument="input")
    if not replacement:
        need_at_least(
            categories - num_samples,
            0,
            f"without replacement {num_samples} samples are too many of {categories}",
            argument="num_samples",
            other="input",
        )
    return TensorType((*input.shape[:-1], num_samples), "int64")
