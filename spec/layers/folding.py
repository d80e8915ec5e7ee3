"""Windows of an image as columns, and back.

Source: https://docs.pytorch.org/docs/stable/nn.html#convolution-layers
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import Integer, Repeated
from ..ops import folding as functions
from ..ops.conv import Along2, Padding2
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Layer


class _Side(Integer):
    """A side of the image, known at build; the function takes others too."""

    def refused(self, value: object) -> ValueError:
        said = super().refused(value)
        if isinstance(value, Dim) and not value.is_constant:
            return ValueError(f"{said}; such sizes are for the function, fold(_, (h, w), …)")
        return said


Target2 = Annotated[int | tuple[int, ...], Repeated(_Side(1), 2)]


class Unfold(Layer):
    """The windows of an image, each a column.

    Shape: (N, C, H, W) -> (N, C * kernel places, windows); N may be missing.
    """

    kernel_size: Along2
    dilation: Along2 = 1
    padding: Padding2 = 0
    stride: Along2 = 1

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "Unfold", kernel_size = 2, stride = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.unfold(input, **dict(self))


class Fold(Layer):
    """An image of columns, what overlaps added: the inverse of `Unfold`.

    Shape: (N, C * kernel places, windows) -> (N, C, *output_size); N may be missing.
    """

    output_size: Target2
    kernel_size: Along2
    dilation: Along2 = 1
    padding: Padding2 = 0
    stride: Along2 = 1

    positional: ClassVar[int] = 0
    example: ClassVar[str] = '{ type = "Fold", output_size = [4, 6], kernel_size = 2, stride = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.fold(input, **dict(self))
