"""The inverse of max pooling.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
"""

from typing import Annotated

from ..kinds import Optional, Repeated, each
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank, need_shape
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import SizeKind, Tensor, function
from .conv import LAYOUTS, Along1, Along2, Along3, Padding1, Padding2, Padding3
from .pointwise import floating
from .pooling import OptionalAlong1, OptionalAlong2, OptionalAlong3

OptionalSizes = Annotated[tuple[Dim, ...] | None, Optional(Repeated(SizeKind(), single=False))]


@function("F")
def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Along1,
    stride: OptionalAlong1 = None,
    padding: Padding1 = 0,
    output_size: OptionalSizes = None,
) -> TensorType:
    return unpooled(1, input, indices, kernel_size, stride, padding, output_size)


@function("F")
def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Along2,
    stride: OptionalAlong2 = None,
    padding: Padding2 = 0,
    output_size: OptionalSizes = None,
) -> TensorType:
    return unpooled(2, input, indices, kernel_size, stride, padding, output_size)


@function("F")
def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Along3,
    stride: OptionalAlong3 = None,
    padding: Padding3 = 0,
    output_size: OptionalSizes = None,
) -> TensorType:
    return unpooled(3, input, indices, kernel_size, stride, padding, output_size)


def unpooled(
    spatial: int,
    input: TensorType,
    indices: TensorType,
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...] | None,
    padding: int | tuple[int, ...],
    output_size: tuple[Dim, ...] | None,
) -> TensorType:
    """(N, C, *), the same int64 -> (N, C, *); N may be missing."""
    need_rank(input, (spatial + 1, spatial + 2), "input", LAYOUTS[spatial])
    _need_indices(input, indices)
    for size in input.shape[1:]:
        need_at_least(size, 1, "torch unpools nothing that is empty", argument="input")
    steps = each(kernel_size if stride is None else stride, spatial)
    whole = [
        (size - 1) * step + kernel - 2 * padded
        for size, step, kernel, padded in zip(
            input.shape[-spatial:],
            steps,
            each(kernel_size, spatial),
            each(padding, spatial),
            strict=True,
        )
    ]
    sizes = whole if output_size is None else _chosen(spatial, whole, steps, output_size)
    for size in sizes:
        what = f"nothing is left: the size would be {size}"
        need_at_least(size, 1, what, argument="padding", other="kernel_size")
    return TensorType((*input.shape[:-spatial], *sizes), floating(input.dtype))


def _need_indices(input: TensorType, indices: TensorType) -> None:
    if indices.dtype != "int64":
        raise Refusal(
            f"indices must be int64, not {indices.dtype}",
            code="dtype-mismatch",
            argument="indices",
            help="max pooling gives them with return_indices = true",
        )
    need_shape(indices, input.shape, "indices", "input")


def _chosen(
    spatial: int, whole: list[Dim], steps: tuple[int, ...], output_size: tuple[Dim, ...]
) -> list[Dim]:
    """The sizes that are asked for, each less than a stride from those without."""
    if len(output_size) not in (spatial, spatial + 2):
        raise Refusal(
            f"output_size must hold {spatial} or {spatial + 2} sizes, not {len(output_size)}",
            argument="output_size",
        )
    chosen = [Dim.of(size) for size in output_size[-spatial:]]
    for size, default, step in zip(chosen, whole, steps, strict=True):
        what = f"output_size must lie between {default - step} and {default + step}, not {size}"
        need_at_least(size - default + step, 1, what, argument="output_size")
        need_at_least(default + step - size, 1, what, argument="output_size")
    return chosen
