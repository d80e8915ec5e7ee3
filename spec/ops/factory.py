"""Functions that make tensors from numbers.

Without `dtype` the result is float32, or int64 where torch gives whole numbers.
Source: https://docs.pytorch.org/docs/stable/torch.html#creation-ops
"""

from math import ceil, inf, isfinite, nan, pow
from typing import Annotated

from ..kinds import Boolean, Either, Real
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, DType, category, of_number
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType
from .base import (
    LEFT_OUT,
    AnySize,
    GivenSize,
    LeftOut,
    Operand,
    OptionalDType,
    Scalar,
    Sizes,
    Wholes,
    function,
)
from .pointwise import need_storable

Base = Annotated[float, Either(Real(finite=False), Boolean())]


def made(size: tuple[Dim, ...], dtype: DType) -> TensorType:
    """A tensor of this size, which must not be negative."""
    for length in size:
        need_at_least(length, 0, f"a size must not be negative: {length}", argument="size")
    return TensorType(size, dtype)


@function("torch", factory=True, variadic="size")
def zeros(size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    return made(size, dtype or DEFAULT)


@function("torch", factory=True, variadic="size")
def ones(size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    return made(size, dtype or DEFAULT)


@function("torch", factory=True, variadic="size")
def empty(size: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    """Filled with whatever the memory holds."""
    return made(size, dtype or DEFAULT)


@function("torch", factory=True)
def empty_permuted(
    size: Sizes, physical_layout: Wholes, *, dtype: OptionalDType = None
) -> TensorType:
    """As empty, its dimensions laid out in memory in another order."""
    if sorted(physical_layout) != list(range(len(size))):
        raise Refusal(
            f"physical_layout must name each of the {len(size)} dimensions once",
            argument="physical_layout",
            other="size",
        )
    return made(size, dtype or DEFAULT)


@function("torch", factory=True)
def empty_strided(size: Sizes, stride: Sizes, *, dtype: OptionalDType = None) -> TensorType:
    """As empty, with steps in memory of one's own."""
    need_strides(size, stride)
    return made(size, dtype or DEFAULT)


def need_strides(size: tuple[Dim, ...], stride: tuple[Dim, ...]) -> None:
    """Refuses strides that are negative, or not one for each size."""
    if len(size) != len(stride):
        raise Refusal("size and stride must be equally long", argument="stride", other="size")
    for step in stride:
        need_at_least(step, 0, "a stride must not be negative", argument="stride")


@function("torch", factory=True)
def full(size: Sizes, fill_value: Scalar, *, dtype: OptionalDType = None) -> TensorType:
    return filled(made(size, dtype or of_scalar(fill_value)), fill_value)


def filled(tensor: TensorType, value: object, argument: str = "fill_value") -> TensorType:
    """The tensor, which can be filled with a number."""
    single = tensor.numel() == 1
    (need_single if single else need_number_of)(value, tensor.dtype, argument)
    return tensor


def of_scalar(value: object) -> DType:
    """The element type that torch takes for a number."""
    return "int64" if isinstance(value, Dim) else of_number(value)  # type: ignore[arg-type]


def need_number_of(value: object, dtype: DType, argument: str) -> None:
    """Refuses a number that does not fit an element type; a size fits any."""
    if isinstance(value, bool | int | float):
        need_storable(value, dtype, argument)


@function("torch", factory=True)
def scalar_tensor(s: Scalar, *, dtype: OptionalDType = None) -> TensorType:
    """A single number, of the default type unless `dtype` says another."""
    need_single(s, dtype or DEFAULT, "s")
    return TensorType((), dtype or DEFAULT)


@function("torch", factory=True)
def eye(n: AnySize, m: GivenSize = LEFT_OUT, *, dtype: OptionalDType = None) -> TensorType:
    """(n, m), or (n, n)"""
    return made((n, n if isinstance(m, LeftOut) else m), dtype or DEFAULT)


@function("torch", factory=True, forms=("end", "start end", "start end step"))
def arange(
    end: Scalar, start: Scalar = 0, step: Scalar = 1, *, dtype: OptionalDType = None
) -> TensorType:
    """Numbers from start to end, without end."""
    if dtype is not None and category(dtype) in ("bool", "complex"):
        raise Refusal(f"torch counts in no {dtype}", code="dtype-mismatch", argument="dtype")
    if isinstance(start, float) or isinstance(end, float) or isinstance(step, float):
        whole = dtype == "int64"
        return TensorType((_float_count(start, end, step, whole),), dtype or DEFAULT)
    stride = Dim.of(step)
    if not stride.is_constant or stride == 0:
        raise Refusal(f"step must be a constant other than 0, not {step}", argument="step")
    length = Dim.of(end) - Dim.of(start) if stride > 0 else Dim.of(start) - Dim.of(end)
    need_at_least(length, 0, "end comes before start", argument="end", other="start")
    pace = abs(int(stride))
    return TensorType(((length + pace - 1) // pace,), dtype or "int64")


def _float_count(start: object, end: object, step: object, whole: bool) -> Dim:
    """How many numbers there are between broken ones, in double precision as torch counts.

    whole: whether the result is int64, for which torch cuts the fractions off first.
    """
    values = []
    for name, value in (("start", start), ("end", end), ("step", step)):
        if isinstance(value, Dim) and not value.is_constant:
            raise Refusal(
                f"with broken numbers {name} must be constant, not {value}",
                code="shape-depends-on-size",
                argument=name,
            )
        number = float(int(value)) if isinstance(value, Dim) else float(value)  # type: ignore[arg-type]
        if not isfinite(number):
            raise Refusal(f"{name} must be finite", argument=name)
        values.append(number)
    first, last, pace = values
    if (last - first) * pace < 0:
        raise Refusal("end comes before start", argument="end", other="start")
    if whole:
        first, last, pace = int(first), int(last), int(pace)
    if pace == 0:
        raise Refusal("step must not be 0", argument="step")
    return Dim.of(ceil((last - first) / pace))


@function("torch", factory=True)
def linspace(
    start: Operand, end: Operand, steps: AnySize, *, dtype: OptionalDType = None
) -> TensorType:
    """(steps,)"""
    natural = _spaced(start, end, steps, dtype)
    if steps != 1:
        need_number_of(end, natural, "end")
        need_number_of(start, natural, "start")
    need_single(start, natural, "start")
    return TensorType((steps,), natural)


@function("torch", factory=True)
def logspace(
    start: Operand,
    end: Operand,
    steps: AnySize,
    base: Base = 10.0,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    """(steps,): powers of `base`, the exponents evenly spaced."""
    natural = _spaced(start, end, steps, dtype)
    if steps != 1:
        need_number_of(end, natural, "end")
        need_number_of(start, natural, "start")
    if isinstance(start, bool | int | float) and not isinstance(at_least(steps, 2), Proved):
        need_single(_power(float(base), float(start)), natural, "start")
    return TensorType((steps,), natural)


def _spaced(start: object, end: object, steps: Dim, dtype: DType | None) -> DType:
    """The element type of evenly spaced numbers."""
    need_at_least(steps, 0, "steps must not be negative", argument="steps")
    natural = dtype or DEFAULT
    for name, bound in (("start", start), ("end", end)):
        if isinstance(bound, TensorType):
            need_rank(bound, (0,), name, "a single number")
            if category(bound.dtype) == "complex":
                natural = _need_complex(dtype, name)
    if natural == "bool" and steps != 1:
        raise Refusal("torch spaces no bool", code="dtype-mismatch", argument="dtype")
    return natural


def _power(base: float, exponent: float) -> float:
    """As C's pow, which never fails."""
    try:
        return pow(base, exponent)
    except OverflowError:
        return inf
    except ValueError:
        return inf if base == 0 else nan


def need_single(value: object, dtype: DType, argument: str) -> None:
    """Refuses a number that a tensor of one element can't be filled with; half precision takes
    infinity for what is too large."""
    if dtype not in ("float16", "bfloat16"):
        need_number_of(value, dtype, argument)


def _need_complex(dtype: DType | None, argument: str) -> DType:
    if dtype is not None and category(dtype) != "complex":
        raise Refusal(
            f"{argument} is complex, and dtype is {dtype}",
            code="dtype-mismatch",
            argument="dtype",
            other=argument,
        )
    return dtype or "complex64"
