"""Padding layers. Source: https://docs.pytorch.org/docs/stable/nn.html#padding-layers"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Integer, Repeated, each
from ..ops.padding import pad
from ..tensor.type import TensorType
from .base import Layer

Pad1 = Annotated[int | tuple[int, ...], Repeated(Integer(), 2)]
Pad2 = Annotated[int | tuple[int, ...], Repeated(Integer(), 4)]
Pad3 = Annotated[int | tuple[int, ...], Repeated(Integer(), 6)]


class _Pad(Layer):
    """Padding before and after each of the last dimensions, the last dimension first."""

    padding: int | tuple[int, ...]

    positional: ClassVar[int] = 1
    spatial: ClassVar[int]
    mode: ClassVar[str] = "constant"

    def output(self, input: TensorType) -> TensorType:
        return pad(input, each(self.padding, 2 * self.spatial), mode=self.mode)


class _ConstantPad(_Pad):
    value: AnyNumber

    positional: ClassVar[int] = 2

    def output(self, input: TensorType) -> TensorType:
        return pad(input, each(self.padding, 2 * self.spatial), value=self.value)


class ZeroPad1d(_Pad):
    """Zeros around the last dimension.

    Shape: (*, L) -> (*, L_out).
    """

    padding: Pad1

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "ZeroPad1d", padding = 1 }'


class ZeroPad2d(_Pad):
    """Zeros around the last two dimensions.

    Shape: (*, H, W) -> (*, H_out, W_out).
    """

    padding: Pad2

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "ZeroPad2d", padding = 1 }'


class ZeroPad3d(_Pad):
    """Zeros around the last three dimensions.

    Shape: (*, D, H, W) -> (*, D_out, H_out, W_out).
    """

    padding: Pad3

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "ZeroPad3d", padding = 1 }'


class ConstantPad1d(_ConstantPad):
    """One value around the last dimension.

    Shape: (*, L) -> (*, L_out).
    """

    padding: Pad1

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "ConstantPad1d", padding = 1, value = 0.5 }'


class ConstantPad2d(_ConstantPad):
    """One value around the last two dimensions.

    Shape: (*, H, W) -> (*, H_out, W_out).
    """

    padding: Pad2

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "ConstantPad2d", padding = 1, value = 0.5 }'


class ConstantPad3d(_ConstantPad):
    """One value around the last three dimensions.

    Shape: (*, D, H, W) -> (*, D_out, H_out, W_out).
    """

    padding: Pad3

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "ConstantPad3d", padding = 1, value = 0.5 }'


class ReflectionPad1d(_Pad):
    """The input mirrored at its edges around the last dimension.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    """

    padding: Pad1

    spatial: ClassVar[int] = 1
    mode: ClassVar[str] = "reflect"
    example: ClassVar[str] = '{ type = "ReflectionPad1d", padding = 1 }'


class ReflectionPad2d(_Pad):
    """The input mirrored at its edges around the last two dimensions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    """

    padding: Pad2

    spatial: ClassVar[int] = 2
    mode: ClassVar[str] = "reflect"
    example: ClassVar[str] = '{ type = "ReflectionPad2d", padding = 1 }'


class ReflectionPad3d(_Pad):
    """The input mirrored at its edges around the last three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    """

    padding: Pad3

    spatial: ClassVar[int] = 3
    mode: ClassVar[str] = "reflect"
    example: ClassVar[str] = '{ type = "ReflectionPad3d", padding = 1 }'


class ReplicationPad1d(_Pad):
    """The input's edge repeated around the last dimension.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    """

    padding: Pad1

    spatial: ClassVar[int] = 1
    mode: ClassVar[str] = "replicate"
    example: ClassVar[str] = '{ type = "ReplicationPad1d", padding = 1 }'


class ReplicationPad2d(_Pad):
    """The input's edge repeated around the last two dimensions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    """

    padding: Pad2

    spatial: ClassVar[int] = 2
    mode: ClassVar[str] = "replicate"
    example: ClassVar[str] = '{ type = "ReplicationPad2d", padding = 1 }'


class ReplicationPad3d(_Pad):
    """The input's edge repeated around the last three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    """

    padding: Pad3

    spatial: ClassVar[int] = 3
    mode: ClassVar[str] = "replicate"
    example: ClassVar[str] = '{ type = "ReplicationPad3d", padding = 1 }'


class CircularPad1d(_Pad):
    """The input's other end around the last dimension.

    Shape: (N, C, L) -> (N, C, L_out); N may be missing.
    """

    padding: Pad1

    spatial: ClassVar[int] = 1
    mode: ClassVar[str] = "circular"
    example: ClassVar[str] = '{ type = "CircularPad1d", padding = 1 }'


class CircularPad2d(_Pad):
    """The input's other end around the last two dimensions.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out); N may be missing.
    """

    padding: Pad2

    spatial: ClassVar[int] = 2
    mode: ClassVar[str] = "circular"
    example: ClassVar[str] = '{ type = "CircularPad2d", padding = 1 }'


class CircularPad3d(_Pad):
    """The input's other end around the last three dimensions.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out); N may be missing.
    """

    padding: Pad3

    spatial: ClassVar[int] = 3
    mode: ClassVar[str] = "circular"
    example: ClassVar[str] = '{ type = "CircularPad3d", padding = 1 }'
