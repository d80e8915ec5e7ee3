"""Windows of an image as columns, and back.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#convolution-functions
"""

from typing import Annotated

from ..kinds import Repeated, each
from ..tensor.check import divided, need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import SizeKind, Tensor, function
from .conv import LAYOUTS, Along2, Padding2
from .pointwise import only

Target2 = Annotated[Dim | tuple[Dim, ...], Repeated(SizeKind(), 2)]
_foldable = only("bool", "float", "complex")


@function("F")
def unfold(
    input: Tensor,
    kernel_size: Along2,
    dilation: Along2 = 1,
    padding: Padding2 = 0,
    stride: Along2 = 1,
) -> TensorType:
    """(N, C, H, W) -> (N, C * kernel, places); N may be missing"""
    need_rank(input, (3, 4), "input", LAYOUTS[2])
    _need_filled(input, 3)
    *batch, channels, height, width = input.shape
    places = _places((height, width), kernel_size, dilation, padding, stride)
    kernel = each(kernel_size, 2)
    columns = channels * kernel[0] * kernel[1]
    return TensorType((*batch, columns, places[0] * places[1]), _foldable(input.dtype))


@function("F")
def fold(
    input: Tensor,
    output_size: Target2,
    kernel_size: Along2,
    dilation: Along2 = 1,
    padding: Padding2 = 0,
    stride: Along2 = 1,
) -> TensorType:
    """(N, C * kernel, places) -> (N, C, *output_size), what overlaps added; N may be missing"""
    need_rank(input, (2, 3), "input", "(N, C * kernel, places) or (C * kernel, places)")
    _need_filled(input, 2)
    target = tuple(map(Dim.of, each(output_size, 2)))
    for size in target:
        need_at_least(size, 1, "output_size must be at least 1", argument="output_size")
    kernel = each(kernel_size, 2)
    *batch, columns, seen = input.shape
    channels = divided(
        columns,
        Dim.of(kernel[0] * kernel[1]),
        "the columns of input must be a multiple of the kernel's places",
        argument="input",
        other="kernel_size",
    )
    places = _places(target, kernel_size, dilation, padding, stride)
    what = f"input must have a column for each of {places[0]} * {places[1]} places"
    need_equal(seen, places[0] * places[1], what, argument="input", other="output_size")
    return TensorType((*batch, channels, *target), _foldable(input.dtype))


def _need_filled(input: TensorType, dimensions: int) -> None:
    for size in input.shape[-dimensions:]:
        need_at_least(size, 1, "torch moves no windows of nothing", argument="input")


def _places(
    sizes: tuple[Dim, ...],
    kernel_size: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
    padding: int | tuple[int, ...],
    stride: int | tuple[int, ...],
) -> list[Dim]:
    """How many places the window takes along height and width."""
    windows = zip(
        sizes, *(each(one, 2) for one in (kernel_size, dilation, padding, stride)), strict=True
    )
    places = []
    for size, kernel, spread, padded, step in windows:
        covered = spread * (kernel - 1) + 1
        count = (size + 2 * padded - covered) // step + 1
        need_at_least(
            count,
            1,
            f"the kernel covers {covered}, more than the padded size {size + 2 * padded}",
            argument="kernel_size",
            other="padding",
        )
        places.append(count)
    return places
