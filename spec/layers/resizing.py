"""Layers that resize images. Source: https://docs.pytorch.org/docs/stable/nn.html#vision-layers"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import Integer, Optional, OptionalFlag, Positive, Real, Repeated
from ..ops import resizing as functions
from ..ops.resizing import ResizeMode
from ..tensor.check import need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Layer

Targets = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1)))]
Factors = Annotated[float | tuple[float, ...] | None, Optional(Repeated(Real(above=0)))]
Targets2 = Annotated[int | tuple[int, ...] | None, Optional(Repeated(Integer(1), 2))]
Factors2 = Annotated[float | tuple[float, ...] | None, Optional(Repeated(Real(above=0), 2))]


class Upsample(Layer):
    """Resizes images to a size, or by a factor.

    Shape: (N, C, *) -> (N, C, *), each spatial size to size, or to floor(size * scale_factor).
    """

    size: Targets = None
    scale_factor: Factors = None
    mode: ResizeMode = "nearest"
    align_corners: OptionalFlag = None
    recompute_scale_factor: OptionalFlag = None

    example: ClassVar[str] = '{ type = "Upsample", scale_factor = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.interpolate(input, **dict(self) | {"size": _as_sizes(self.size)})


class UpsamplingNearest2d(Layer):
    """Resizes images, each place from its nearest.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out).
    """

    size: Targets2 = None
    scale_factor: Factors2 = None

    example: ClassVar[str] = '{ type = "UpsamplingNearest2d", scale_factor = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.interpolate(input, _as_sizes(self.size), self.scale_factor)


class UpsamplingBilinear2d(Layer):
    """Resizes images, each place from its four nearest, corners aligned.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out).
    """

    size: Targets2 = None
    scale_factor: Factors2 = None

    example: ClassVar[str] = '{ type = "UpsamplingBilinear2d", scale_factor = 2 }'

    def output(self, input: TensorType) -> TensorType:
        need_rank(input, (4,), "input", "(N, C, H, W)")
        size = _as_sizes(self.size)
        return functions.interpolate(input, size, self.scale_factor, "bilinear", True)


def _as_sizes(size: int | tuple[int, ...] | None) -> Dim | tuple[Dim, ...] | None:
    if size is None:
        return None
    return tuple(map(Dim.of, size)) if isinstance(size, tuple) else Dim.of(size)


class PixelShuffle(Layer):
    """Channels become places. Shape: (*, C * r^2, H, W) -> (*, C, H * r, W * r)."""

    upscale_factor: Positive

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "PixelShuffle", upscale_factor = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Layer):
    """Places become channels. Shape: (*, C, H * r, W * r) -> (*, C * r^2, H, W)."""

    downscale_factor: Positive

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "PixelUnshuffle", downscale_factor = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Layer):
    """The channels of groups interleaved. Shape: (N, C, *) -> same."""

    groups: Positive

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "ChannelShuffle", groups = 2 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.channel_shuffle(input, self.groups)
