"""The inverse of max pooling.

Source: https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ..kinds import Kind
from ..ops.base import OUTPUT_SIZE
from ..ops.conv import Along1, Along2, Along3, Padding1, Padding2, Padding3
from ..ops.pooling import OptionalAlong1, OptionalAlong2, OptionalAlong3
from ..ops.unpooling import unpooled
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Layer


class _MaxUnpool(Layer):
    kernel_size: int | tuple[int, ...]
    stride: int | tuple[int, ...] | None = None
    padding: int | tuple[int, ...] = 0

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "indices", "output_size?")
    forward_kinds: ClassVar[Mapping[str, Kind]] = {"output_size": OUTPUT_SIZE}
    positional: ClassVar[int] = 1
    spatial: ClassVar[int]

    def output(
        self,
        input: TensorType,
        indices: TensorType,
        output_size: Sequence[Dim | int] | None = None,
    ) -> TensorType:
        sizes = None if output_size is None else tuple(map(Dim.of, output_size))
        return unpooled(
            self.spatial, input, indices, self.kernel_size, self.stride, self.padding, sizes
        )


class MaxUnpool1d(_MaxUnpool):
    """Each maximum put back where it was, zeros elsewhere.

    Shape: (N, C, L) and the indices of `MaxPool1d` -> (N, C, L_out); N may be missing.
    """

    kernel_size: Along1
    stride: OptionalAlong1 = None
    padding: Padding1 = 0

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = (
        '{ name = "pool", type = "MaxPool1d", kernel_size = 2, return_indices = true },\n'
        '{ type = "MaxUnpool1d", kernel_size = 2, inputs = ["pool", "pool.indices"] }'
    )


class MaxUnpool2d(_MaxUnpool):
    """Each maximum put back where it was, zeros elsewhere.

    Shape: (N, C, H, W) and the indices of `MaxPool2d` -> (N, C, H_out, W_out); N may be missing.
    """

    kernel_size: Along2
    stride: OptionalAlong2 = None
    padding: Padding2 = 0

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = (
        '{ name = "pool", type = "MaxPool2d", kernel_size = 2, return_indices = true },\n'
        '{ type = "MaxUnpool2d", kernel_size = 2, inputs = ["pool", "pool.indices"] }'
    )


class MaxUnpool3d(_MaxUnpool):
    """Each maximum put back where it was, zeros elsewhere.

    Shape: (N, C, D, H, W) and the indices of `MaxPool3d` -> (N, C, D_out, H_out, W_out); N may be
    missing.
    """

    kernel_size: Along3
    stride: OptionalAlong3 = None
    padding: Padding3 = 0

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = (
        '{ name = "pool", type = "MaxPool3d", kernel_size = 2, return_indices = true },\n'
        '{ type = "MaxUnpool3d", kernel_size = 2, inputs = ["pool", "pool.indices"] }'
    )
