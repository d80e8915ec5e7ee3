"""Transposed convolutions. Source: https://docs.pytorch.org/docs/stable/nn.html#convolution-layers"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from ..kinds import Choice, Flag, Kind, OptionalParameterDType, Positive, each
from ..ops.base import OUTPUT_SIZE
from ..ops.conv import (
    Along1,
    Along2,
    Along3,
    Padding1,
    Padding2,
    Padding3,
    least_unconvolved,
    need_divisible,
    unconvolved,
)
from ..refusal import Refusal
from ..tensor.check import need_at_least
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry


class _ConvTranspose(Layer):
    in_channels: Positive
    out_channels: Positive
    kernel_size: int | tuple[int, ...]
    stride: int | tuple[int, ...] = 1
    padding: int | tuple[int, ...] = 0
    output_padding: int | tuple[int, ...] = 0
    groups: Positive = 1
    bias: Flag = True
    dilation: int | tuple[int, ...] = 1
    padding_mode: Annotated[str, Choice("zeros")] = "zeros"
    dtype: OptionalParameterDType = None

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "output_size?")
    forward_kinds: ClassVar[Mapping[str, Kind]] = {"output_size": OUTPUT_SIZE}
    positional: ClassVar[int] = 2
    spatial: ClassVar[int]

    def output(
        self, input: TensorType, output_size: Sequence[Dim | int] | None = None
    ) -> TensorType:
        state = self.state()
        extra: Sequence[Dim | int] = each(self.output_padding, self.spatial)
        if output_size is not None:
            extra = self._padding_to(input, output_size)
        return unconvolved(
            self.spatial,
            input,
            state["weight"].type,
            state["bias"].type if self.bias else None,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
        )

    def _padding_to(self, input: TensorType, output_size: Sequence[Dim | int]) -> list[Dim]:
        """The output padding that gives `output_size`, which may hold N and C too."""
        if len(output_size) not in (self.spatial, input.rank):
            raise Refusal(
                f"output_size holds {self.spatial} or {input.rank} sizes, not {len(output_size)}",
                argument="output_size",
            )
        weight = self.state()["weight"].type
        least = least_unconvolved(
            self.spatial, input, weight, self.stride, self.padding, self.dilation
        )
        extras = []
        for size, low, step in zip(
            output_size[-self.spatial :], least, each(self.stride, self.spatial), strict=True
        ):
            extra = size - low
            what = f"output_size must be from {low} to {low + step - 1}"
            need_at_least(extra, 0, what, argument="output_size")
            need_at_least(step - 1 - extra, 0, what, argument="output_size")
            extras.append(extra)
        return extras

    def state(self) -> Mapping[str, StateEntry]:
        need_divisible(self.in_channels, self.groups, "in_channels")
        need_divisible(self.out_channels, self.groups, "out_channels")
        dtype = self.dtype or DEFAULT
        kernel = each(self.kernel_size, self.spatial)
        weight = TensorType.of((self.in_channels, self.out_channels // self.groups, *kernel), dtype)
        bias = TensorType.of((self.out_channels,), dtype)
        return {"weight": StateEntry(weight)} | ({"bias": StateEntry(bias)} if self.bias else {})


class ConvTranspose1d(_ConvTranspose):
    """The gradient of Conv1d with respect to its input, used to enlarge.

    Shape: (N, in_channels, L) -> (N, out_channels, L_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-2)]
    kernel_size: Along1
    stride: Along1 = 1
    padding: Padding1 = 0
    output_padding: Padding1 = 0
    dilation: Along1 = 1

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "ConvTranspose1d", out_channels = 8, kernel_size = 2 }'


class ConvTranspose2d(_ConvTranspose):
    """The gradient of Conv2d with respect to its input, used to enlarge.

    Shape: (N, in_channels, H, W) -> (N, out_channels, H_out, W_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-3)]
    kernel_size: Along2
    stride: Along2 = 1
    padding: Padding2 = 0
    output_padding: Padding2 = 0
    dilation: Along2 = 1

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "ConvTranspose2d", out_channels = 8, kernel_size = 2 }'


class ConvTranspose3d(_ConvTranspose):
    """The gradient of Conv3d with respect to its input, used to enlarge.

    Shape: (N, in_channels, D, H, W) -> (N, out_channels, D_out, H_out, W_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-4)]
    kernel_size: Along3
    stride: Along3 = 1
    padding: Padding3 = 0
    output_padding: Padding3 = 0
    dilation: Along3 = 1

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "ConvTranspose3d", out_channels = 8, kernel_size = 2 }'
