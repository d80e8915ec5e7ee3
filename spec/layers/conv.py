"""Convolution layers. Source: https://docs.pytorch.org/docs/stable/nn.html#convolution-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import (
    Choice,
    Either,
    Flag,
    Integer,
    OptionalParameterDType,
    Positive,
    Repeated,
    each,
)
from ..ops.conv import Along1, Along2, Along3, convolved, need_divisible
from ..ops.padding import pad
from ..refusal import Refusal
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry

PaddingMode = Annotated[str, Choice("zeros", "reflect", "replicate", "circular")]
_NAMED = Choice("same", "valid")
# Below zero only where `padding_mode` cuts; `output` refuses it elsewhere.
_Pad1 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(), 1))]
_Pad2 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(), 2))]
_Pad3 = Annotated[str | int | tuple[int, ...], Either(_NAMED, Repeated(Integer(), 3))]


class _Conv(Layer):
    in_channels: Positive
    out_channels: Positive
    kernel_size: int | tuple[int, ...]
    stride: int | tuple[int, ...] = 1
    padding: str | int | tuple[int, ...] = 0
    dilation: int | tuple[int, ...] = 1
    groups: Positive = 1
    bias: Flag = True
    padding_mode: PaddingMode = "zeros"
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 2
    spatial: ClassVar[int]

    def output(self, input: TensorType) -> TensorType:
        state = self.state()
        padding = self.padding
        if self.padding_mode != "zeros":
            input = pad(input, self._padding_around(), mode=self.padding_mode)
            padding = 0
        if not isinstance(padding, str) and any(size < 0 for size in each(padding, self.spatial)):
            raise Refusal("padding must not be negative", argument="padding")
        bias = state["bias"].type if self.bias else None
        return convolved(
            self.spatial,
            input,
            state["weight"].type,
            bias,
            self.stride,
            padding,
            self.dilation,
            self.groups,
        )

    def _padding_around(self) -> tuple[int, ...]:
        """Padding before and after each dimension, the last dimension first, as `pad` takes it."""
        if self.padding == "valid":
            return (0, 0) * self.spatial
        if isinstance(self.padding, str):
            if any(step != 1 for step in each(self.stride, self.spatial)):
                raise Refusal('padding "same" needs stride 1', argument="padding", other="stride")
            kernels = each(self.kernel_size, self.spatial)
            totals = [
                step * (kernel - 1)
                for step, kernel in zip(each(self.dilation, self.spatial), kernels, strict=True)
            ]
            return tuple(
                part for total in reversed(totals) for part in (total // 2, total - total // 2)
            )
        return tuple(size for size in reversed(each(self.padding, self.spatial)) for _ in range(2))

    def state(self) -> Mapping[str, StateEntry]:
        need_divisible(self.in_channels, self.groups, "in_channels")
        dtype = self.dtype or DEFAULT
        kernel = each(self.kernel_size, self.spatial)
        weight = TensorType.of((self.out_channels, self.in_channels // self.groups, *kernel), dtype)
        bias = TensorType.of((self.out_channels,), dtype)
        return {"weight": StateEntry(weight)} | ({"bias": StateEntry(bias)} if self.bias else {})


class Conv1d(_Conv):
    """Cross-correlates a kernel with one spatial dimension.

    Shape: (N, in_channels, L) -> (N, out_channels, L_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-2)]
    kernel_size: Along1
    stride: Along1 = 1
    padding: _Pad1 = 0
    dilation: Along1 = 1

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "Conv1d", out_channels = 8, kernel_size = 3 }'


class Conv2d(_Conv):
    """Cross-correlates a kernel with two spatial dimensions.

    Shape: (N, in_channels, H, W) -> (N, out_channels, H_out, W_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-3)]
    kernel_size: Along2
    stride: Along2 = 1
    padding: _Pad2 = 0
    dilation: Along2 = 1

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Conv2d", out_channels = 8, kernel_size = 3, padding = 1 }'


class Conv3d(_Conv):
    """Cross-correlates a kernel with three spatial dimensions.

    Shape: (N, in_channels, D, H, W) -> (N, out_channels, D_out, H_out, W_out); N may be missing.
    """

    in_channels: Annotated[Positive, Inferred(-4)]
    kernel_size: Along3
    stride: Along3 = 1
    padding: _Pad3 = 0
    dilation: Along3 = 1

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "Conv3d", out_channels = 8, kernel_size = 3 }'
