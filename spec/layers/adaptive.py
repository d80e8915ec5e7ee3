"""Pooling to a given size. Source: https://docs.pytorch.org/docs/stable/nn.html#pooling-layers"""

from __future__ import annotations

from typing import ClassVar

from ..kinds import Flag
from ..ops import adaptive as functions
from ..ops.adaptive import Target1, Target2, Target3
from ..ops.base import Result
from ..tensor.type import TensorType
from .base import Layer


class AdaptiveAvgPool1d(Layer):
    """Means of as many windows as asked for, over one dimension.

    Shape: (N, C, L) -> (N, C, output_size); N may be missing.
    """

    output_size: Target1

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveAvgPool1d", output_size = 1 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(Layer):
    """Means of as many windows as asked for, over two dimensions.

    Shape: (N, C, H, W) -> (N, C, *output_size); N may be missing.
    """

    output_size: Target2

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveAvgPool2d", output_size = 1 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(Layer):
    """Means of as many windows as asked for, over three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, *output_size); N may be missing.
    """

    output_size: Target3

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveAvgPool3d", output_size = 1 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(Layer):
    """Maxima of as many windows as asked for, over one dimension.

    Shape: (N, C, L) -> (N, C, output_size); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    output_size: Target1
    return_indices: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveMaxPool1d", output_size = 1 }'

    def output(self, input: TensorType) -> Result:
        return functions.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(Layer):
    """Maxima of as many windows as asked for, over two dimensions.

    Shape: (N, C, H, W) -> (N, C, *output_size); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    output_size: Target2
    return_indices: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveMaxPool2d", output_size = 1 }'

    def output(self, input: TensorType) -> Result:
        return functions.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(Layer):
    """Maxima of as many windows as asked for, over three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, *output_size); N may be missing.
    With return_indices there are two outputs of this shape.
    """

    output_size: Target3
    return_indices: Flag = False

    forward_outputs: ClassVar[tuple[str, ...]] = ("output", "indices")
    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "AdaptiveMaxPool3d", output_size = 1 }'

    def output(self, input: TensorType) -> Result:
        return functions.adaptive_max_pool3d(input, self.output_size, self.return_indices)
