"""Pooling over windows.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
"""

from math import isinf
from typing import Annotated

from ..kinds import Integer, Optional, Repeated, each
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import AnyNumber, Flag, OptionalInt, Result, Tensor, function, result_type
from .conv import LAYOUTS, Along1, Along2, Along3, Padding1, Padding2, Padding3
from .pointwise import Rule, floating, fraction, magnitude, need_storable, real

OptionalAlong1 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 1))]
OptionalAlong2 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 2))]
OptionalAlong3 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 3))]


def _int64_or(rule: Rule) -> Rule:
    """torch averages int64, but no other whole numbers."""
    return lambda dtype: dtype if dtype == "int64" else rule(dtype)


@function("F")
def max_pool1d(
    input: Tensor,
    kernel_size: Along1,
    stride: OptionalAlong1 = None,
    padding: Padding1 = 0,
    dilation: Along1 = 1,
    ceil_mode: Flag = False,
    return_indices: Flag = False,
) -> Result:
    # Without indices torch takes another way, which knows no whole numbers.
    rule = real if return_indices else floating
    return with_indices(
        pooled(1, rule, input, kernel_size, stride, padding, dilation, ceil_mode), return_indices
    )


@function("F")
def max_pool2d(
    input: Tensor,
    kernel_size: Along2,
    stride: OptionalAlong2 = None,
    padding: Padding2 = 0,
    dilation: Along2 = 1,
    ceil_mode: Flag = False,
    return_indices: Flag = False,
) -> Result:
    return with_indices(
        pooled(2, real, input, kernel_size, stride, padding, dilation, ceil_mode), return_indices
    )


@function("F")
def max_pool3d(
    input: Tensor,
    kernel_size: Along3,
    stride: OptionalAlong3 = None,
    padding: Padding3 = 0,
    dilation: Along3 = 1,
    ceil_mode: Flag = False,
    return_indices: Flag = False,
) -> Result:
    return with_indices(
        pooled(3, real, input, kernel_size, stride, padding, dilation, ceil_mode), return_indices
    )


@function("F")
def avg_pool1d(
    input: Tensor,
    kernel_size: Along1,
    stride: OptionalAlong1 = None,
    padding: Padding1 = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
) -> TensorType:
    return pooled(1, _int64_or(floating), input, kernel_size, stride, padding, 1, ceil_mode)


@function("F")
def avg_pool2d(
    input: Tensor,
    kernel_size: Along2,
    stride: OptionalAlong2 = None,
    padding: Padding2 = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
    divisor_override: OptionalInt = None,
) -> TensorType:
    _need_divisor(divisor_override)
    return pooled(2, _int64_or(floating), input, kernel_size, stride, padding, 1, ceil_mode)


@function("F")
def avg_pool3d(
    input: Tensor,
    kernel_size: Along3,
    stride: OptionalAlong3 = None,
    padding: Padding3 = 0,
    ceil_mode: Flag = False,
    count_include_pad: Flag = True,
    divisor_override: OptionalInt = None,
) -> TensorType:
    _need_divisor(divisor_override)
    _need_average3d(input, kernel_size)
    return pooled(3, _int64_or(floating), input, kernel_size, stride, padding, 1, ceil_mode)


@function("F")
def lp_pool1d(
    input: Tensor,
    norm_type: AnyNumber,
    kernel_size: Annotated[int, Integer(1)],
    stride: OptionalAlong1 = None,
    ceil_mode: Flag = False,
) -> TensorType:
    return _lp_pooled(1, input, norm_type, kernel_size, stride, ceil_mode)


@function("F")
def lp_pool2d(
    input: Tensor,
    norm_type: AnyNumber,
    kernel_size: Along2,
    stride: OptionalAlong2 = None,
    ceil_mode: Flag = False,
) -> TensorType:
    return _lp_pooled(2, input, norm_type, kernel_size, stride, ceil_mode)


@function("F")
def lp_pool3d(
    input: Tensor,
    norm_type: AnyNumber,
    kernel_size: Along3,
    stride: OptionalAlong3 = None,
    ceil_mode: Flag = False,
) -> TensorType:
    return _lp_pooled(3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pooled(
    spatial: int,
    input: TensorType,
    norm_type: float,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None,
    ceil_mode: bool,
) -> TensorType:
    if isinf(norm_type):
        size = input.with_dtype(magnitude(input.dtype))
        return pooled(
            spatial, floating if spatial == 1 else real, size, kernel, stride, 0, 1, ceil_mode
        )
    if norm_type == 0:
        raise Refusal("norm_type must not be 0: its root is taken", argument="norm_type")
    powered = input.with_dtype(result_type(input, norm_type))
    if category(powered.dtype) == "integer" and norm_type < 0:
        raise Refusal("whole numbers have no negative powers", argument="norm_type", other="input")
    if powered.dtype in ("float16", "bfloat16"):
        for power in (norm_type, 1 / norm_type):
            need_storable(power, powered.dtype, "norm_type")
    if spatial == 3:
        _need_average3d(powered, kernel)
    result = pooled(spatial, _int64_or(floating), powered, kernel, stride, 0, 1, ceil_mode)
    return result.with_dtype(fraction(result.dtype))


def with_indices(output: TensorType, return_indices: bool) -> Result:
    """The output, and the places that it was taken from if they are asked for."""
    return (output, output.with_dtype("int64")) if return_indices else output


def _need_divisor(divisor: int | None) -> None:
    if divisor == 0:
        raise Refusal("divisor_override must not be 0", argument="divisor_override")


def _need_average3d(input: TensorType, kernel_size: int | tuple[int, ...]) -> None:
    """In three dimensions torch averages no half precision, and padding doesn't help a kernel."""
    if input.dtype in ("float16", "bfloat16"):
        raise Refusal(
            f"torch averages no {input.dtype} in 3 dimensions on CPU",
            code="dtype-mismatch",
            argument="input",
        )
    for size, kernel in zip(reversed(input.shape), reversed(each(kernel_size, 3)), strict=False):
        need_at_least(
            size,
            int(kernel),
            f"the kernel covers {kernel}, more than the size {size}",
            argument="input",
            other="kernel_size",
        )


def need_filled(input: TensorType, dimensions: int) -> None:
    """Refuses an input whose last dimensions hold nothing."""
    for size in input.shape[-dimensions:]:
        need_at_least(size, 1, "torch pools nothing that is empty", argument="input")


def pooled(
    spatial: int,
    rule: Rule,
    input: TensorType,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None,
    padding: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
    ceil_mode: bool,
) -> TensorType:
    """(N, C, *) -> (N, C, *); N may be missing."""
    need_rank(input, (spatial + 1, spatial + 2), "input", LAYOUTS[spatial])
    need_filled(input, spatial + 1)
    kernels = each(kernel_size, spatial)
    sizes = [
        pool_count(*window, ceil_mode=ceil_mode)
        for window in zip(
            input.shape[-spatial:],
            kernels,
            each(kernel_size if stride is None else stride, spatial),
            each(padding, spatial),
            each(dilation, spatial),
            strict=True,
        )
    ]
    return TensorType.of((*input.shape[:-spatial], *sizes), rule(input.dtype))


def pool_count(
    size: Dim, kernel: int, stride: int, padding: int, dilation: int, *, ceil_mode: bool
) -> Dim:
    """How many windows there are; with `ceil_mode` the last may reach beyond the padding, but must
    begin within it."""
    if 2 * padding > kernel:
        raise Refusal(
            f"padding must be at most half of kernel_size: {padding} is more than {kernel} / 2",
            argument="padding",
            other="kernel_size",
        )
    covered = dilation * (kernel - 1) + 1
    room = size + 2 * padding - covered
    if not ceil_mode:
        count = room // stride + 1
    elif padding + stride <= covered:
        count = (room + stride - 1) // stride + 1
    else:
        # The last window would begin beyond the input: torch counts the beginnings within it.
        count = (size + padding + stride - 1) // stride
    need_at_least(
        count,
        1,
        f"the kernel covers {covered}, more than the padded size {size + 2 * padding}",
        argument="input",
        other="kernel_size",
    )
    return count
