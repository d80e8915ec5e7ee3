"""Windows: torch's own, and those of `torch.signal.windows`: `signal.windows.hann(8)`.

Source: https://docs.pytorch.org/docs/stable/signal.html and
https://docs.pytorch.org/docs/stable/torch.html#spectral-ops
"""

from math import sqrt
from typing import Annotated

from ..kinds import Boolean, Real, Repeated
from ..refusal import Refusal
from ..tensor.check import need_at_least
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT, DType, category
from ..tensor.type import TensorType
from .base import (
    LEFT_OUT,
    AnyNumber,
    AnySize,
    Flag,
    LeftOut,
    OptionalAnyNumber,
    OptionalDType,
    alias,
    function,
)
from .pointwise import need_storable

# torch's own names of arguments.
# ruff: noqa: N803
Given = Annotated[bool | LeftOut, Boolean()]
Coefficient = Annotated[float | LeftOut, Real(finite=False)]
Coefficients = Annotated[tuple[float, ...], Repeated(Real(finite=False), single=False)]
_LONGEST = 2**62
"""Stands for a length that varies, where a bound of a number hangs on it."""


@function("torch", factory=True)
def hann_window(
    window_length: AnySize, periodic: Flag = True, *, dtype: OptionalDType = None
) -> TensorType:
    return _window(window_length, dtype)


bartlett_window = alias(hann_window)
blackman_window = alias(hann_window)


@function("torch", factory=True)
def hamming_window(
    window_length: AnySize,
    periodic: Given = LEFT_OUT,
    alpha: Coefficient = LEFT_OUT,
    beta: Coefficient = LEFT_OUT,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    _need_those_before(periodic=periodic, alpha=alpha, beta=beta)
    return _window(window_length, dtype)


@function("torch", factory=True)
def kaiser_window(
    window_length: AnySize,
    periodic: Given = LEFT_OUT,
    beta: Coefficient = LEFT_OUT,
    *,
    dtype: OptionalDType = None,
) -> TensorType:
    _need_those_before(periodic=periodic, beta=beta)
    return _window(window_length, dtype)


def _need_those_before(**arguments: object) -> None:
    """Refuses an argument that is given where one before it is left out."""
    missing = None
    for name, value in arguments.items():
        if isinstance(value, LeftOut):
            missing = missing or name
        elif missing:
            raise Refusal(
                f"torch takes {name} only together with {missing}",
                code="missing-argument",
                argument=name,
                help=f"write {missing} too",
            )


def _window(length: Dim, dtype: DType | None) -> TensorType:
    """A window of torch's own."""
    need_at_least(
        length, 0, f"a window's length is at least 0, not {length}", argument="window_length"
    )
    result = dtype or DEFAULT
    short = length.is_constant and length <= 1
    if category(result) != "float" and not (short and category(result) == "complex"):
        raise Refusal(
            f"windows are floating-point, not {result}", code="dtype-mismatch", argument="dtype"
        )
    return TensorType((length,), result)


@function("torch.signal.windows", factory=True)
def signal_windows_bartlett(
    M: AnySize, *, sym: Flag = True, dtype: OptionalDType = None
) -> TensorType:
    return _signal(M, dtype)


signal_windows_blackman = alias(signal_windows_bartlett, "torch.signal.windows")
signal_windows_cosine = alias(signal_windows_bartlett, "torch.signal.windows")
signal_windows_hamming = alias(signal_windows_bartlett, "torch.signal.windows")
signal_windows_hann = alias(signal_windows_bartlett, "torch.signal.windows")
signal_windows_nuttall = alias(signal_windows_bartlett, "torch.signal.windows")


@function("torch.signal.windows", factory=True)
def signal_windows_general_cosine(
    M: AnySize, *, a: Coefficients, sym: Flag = True, dtype: OptionalDType = None
) -> TensorType:
    result = _signal(M, dtype)
    if not a and not (M.is_constant and M <= 1):
        raise Refusal("a needs at least one coefficient", argument="a")
    return result


@function("torch.signal.windows", factory=True)
def signal_windows_general_hamming(
    M: AnySize, *, alpha: AnyNumber = 0.54, sym: Flag = True, dtype: OptionalDType = None
) -> TensorType:
    return _signal(M, dtype)


@function("torch.signal.windows", factory=True)
def signal_windows_kaiser(
    M: AnySize, *, beta: AnyNumber = 12.0, sym: Flag = True, dtype: OptionalDType = None
) -> TensorType:
    if beta < 0:
        raise Refusal(f"beta must not be negative, not {beta}", argument="beta")
    return _signal(M, dtype)


@function("torch.signal.windows", factory=True)
def signal_windows_gaussian(
    M: AnySize, *, std: AnyNumber = 1.0, sym: Flag = True, dtype: OptionalDType = None
) -> TensorType:
    if std <= 0:
        raise Refusal(f"std must be above 0, not {std}", argument="std")
    result = _signal(M, dtype)
    length = _longest(M)
    start = -(length if not sym and length > 1 else length - 1) / 2.0
    _need_ends(start, length, std * sqrt(2), result.dtype, "std")
    return result


@function("torch.signal.windows", factory=True)
def signal_windows_exponential(
    M: AnySize,
    *,
    center: OptionalAnyNumber = None,
    tau: AnyNumber = 1.0,
    sym: Flag = True,
    dtype: OptionalDType = None,
) -> TensorType:
    if tau <= 0:
        raise Refusal(f"tau must be above 0, not {tau}", argument="tau")
    if sym and center is not None:
        raise Refusal("a symmetric window has its center", argument="center", other="sym")
    result = _signal(M, dtype)
    length = _longest(M)
    middle = (length if not sym and length > 1 else length - 1) / 2.0
    start = -middle if center is None else -center
    _need_ends(start, length, tau, result.dtype, "tau" if center is None else "center")
    return result


def _signal(length: Dim, dtype: DType | None) -> TensorType:
    """A window of `torch.signal.windows`."""
    need_at_least(length, 0, f"a window's length is at least 0, not {length}", argument="M")
    result = dtype or DEFAULT
    if result not in ("float32", "float64"):
        raise Refusal(
            f"these windows are float32 or float64, not {result}",
            code="dtype-mismatch",
            argument="dtype",
            help='make it with dtype="float32", and convert it',
        )
    return TensorType((length,), result)


def _longest(length: Dim) -> int:
    return int(length) if length.is_constant else _LONGEST


def _need_ends(start: float, length: int, width: float, dtype: DType, argument: str) -> None:
    """Refuses a window whose first and last places, in its widths, overflow its element type."""
    if length == 0:
        return
    scale = 1 / width if width else float("inf")
    for place in (start, start + (length - 1)):
        need_storable(place * scale, dtype, argument)
