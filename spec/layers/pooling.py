"""Pooling over windows. Source: https://docs.pytorch.org/docs/stable/nn.html#pooling-layers"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Flag, Integer, Optional, Positive
from ..ops import pooling as functions
from ..ops.base import Result
from ..ops.conv import Along1, Along2, Along3, Padding1, Padding2, Padding3
from ..ops.pooling import OptionalAlong1, OptionalAlong2, OptionalAlong3
from ..tensor.type import TensorType
from .base import Layer

Divisor = Annotated[int | None, Optional(Integer())]


class MaxPool1d(Layer):
    """The maximum of each window over one dimension.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    kernel_size: Along1
    stride: OptionalAlong1 = None
    padding: Padding1 = 0
    dilation: Along1 = 1
    return_indices: Flag = False
    ceil_mode: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "MaxPool1d", kernel_size = 2 }'

    def output(self, input: TensorType) -> Result:
        return functions.max_pool1d(input, **dict(self))


class MaxPool2d(Layer):
    """The maximum of each window over two dimensions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    kernel_size: Along2
    stride: OptionalAlong2 = None
    padding: Padding2 = 0
    dilation: Along2 = 1
    return_indices: Flag = False
    ceil_mode: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "MaxPool2d", kernel_size = 2 }'

    def output(self, input: TensorType) -> Result:
        return functions.max_pool2d(input, **dict(self))


class MaxPool3d(Layer):
    """The maximum of each window over three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    kernel_size: Along3
    stride: OptionalAlong3 = None
    padding: Padding3 = 0
    dilation: Along3 = 1
    return_indices: Flag = False
    ceil_mode: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "MaxPool3d", kernel_size = 2 }'

    def output(self, input: TensorType) -> Result:
        return functions.max_pool3d(input, **dict(self))


class AvgPool1d(Layer):
    """The mean of each window over one dimension.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    """

    kernel_size: Along1
    stride: OptionalAlong1 = None
    padding: Padding1 = 0
    ceil_mode: Flag = False
    count_include_pad: Flag = True

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AvgPool1d", kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.avg_pool1d(input, **dict(self))


class AvgPool2d(Layer):
    """The mean of each window over two dimensions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    """

    kernel_size: Along2
    stride: OptionalAlong2 = None
    padding: Padding2 = 0
    ceil_mode: Flag = False
    count_include_pad: Flag = True
    divisor_override: Divisor = None

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AvgPool2d", kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.avg_pool2d(input, **dict(self))


class AvgPool3d(Layer):
    """The mean of each window over three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    """

    kernel_size: Along3
    stride: OptionalAlong3 = None
    padding: Padding3 = 0
    ceil_mode: Flag = False
    count_include_pad: Flag = True
    divisor_override: Divisor = None

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AvgPool3d", kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.avg_pool3d(input, **dict(self))


class LPPool1d(Layer):
    """The p-norm of each window over one dimension, p = norm_type.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    """

    norm_type: AnyNumber
    kernel_size: Positive
    stride: OptionalAlong1 = None
    ceil_mode: Flag = False

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "LPPool1d", norm_type = 2, kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.lp_pool1d(input, **dict(self) | {"norm_type": float(self.norm_type)})


class LPPool2d(Layer):
    """The p-norm of each window over two dimensions, p = norm_type.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    """

    norm_type: AnyNumber
    kernel_size: Along2
    stride: OptionalAlong2 = None
    ceil_mode: Flag = False

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "LPPool2d", norm_type = 2, kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.lp_pool2d(input, **dict(self) | {"norm_type": float(self.norm_type)})


class LPPool3d(Layer):
    """The p-norm of each window over three dimensions, p = norm_type.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    """

    norm_type: AnyNumber
    kernel_size: Along3
    stride: OptionalAlong3 = None
    ceil_mode: Flag = False

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "LPPool3d", norm_type = 2, kernel_size = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.lp_pool3d(input, **dict(self) | {"norm_type": float(self.norm_type)})
