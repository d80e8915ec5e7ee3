"""Normalization layers. Source: https://docs.pytorch.org/docs/stable/nn.html#normalization-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import (
    AnyNumber,
    Flag,
    Integer,
    OptionalAnyNumber,
    OptionalParameterDType,
    Positive,
    Repeated,
    Size,
    each,
)
from ..ops import normalization as functions
from ..ops.pointwise import inexact, need_storable
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry

NormalizedShape = Annotated[int | tuple[int, ...], Repeated(Integer(0))]


class LayerNorm(Layer):
    """Brings the last dimensions of each element to mean 0 and variance 1.

    Shape: (*, *normalized_shape) -> same.
    """

    normalized_shape: Annotated[NormalizedShape, Inferred(-1)]
    eps: AnyNumber = 1e-05
    elementwise_affine: Flag = True
    bias: Flag = True
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "LayerNorm" }'

    def output(self, input: TensorType) -> TensorType:
        types = {name: entry.type for name, entry in self.state().items()}
        return functions.layer_norm(input, _sizes(self.normalized_shape), **types)

    def state(self) -> Mapping[str, StateEntry]:
        if not self.elementwise_affine:
            return {}
        entry = StateEntry(TensorType(_sizes(self.normalized_shape), self.dtype or DEFAULT))
        return {"weight": entry} | ({"bias": entry} if self.bias else {})


class RMSNorm(Layer):
    """Divides the last dimensions of each element by their root mean square.

    Shape: (*, *normalized_shape) -> same.
    """

    normalized_shape: Annotated[NormalizedShape, Inferred(-1)]
    eps: OptionalAnyNumber = None
    elementwise_affine: Flag = True
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "RMSNorm" }'

    def output(self, input: TensorType) -> TensorType:
        types = {name: entry.type for name, entry in self.state().items()}
        return functions.rms_norm(input, _sizes(self.normalized_shape), **types)

    def state(self) -> Mapping[str, StateEntry]:
        if not self.elementwise_affine:
            return {}
        shape = _sizes(self.normalized_shape)
        return {"weight": StateEntry(TensorType(shape, self.dtype or DEFAULT))}


def _sizes(normalized_shape: int | tuple[int, ...]) -> tuple[Dim, ...]:
    return tuple(Dim.of(size) for size in each(normalized_shape, 1))


class GroupNorm(Layer):
    """Brings each group of channels to mean 0 and variance 1.

    Shape: (N, num_channels, *) -> same.
    """

    num_groups: Positive
    num_channels: Annotated[Size, Inferred(1)]
    eps: AnyNumber = 1e-05
    affine: Flag = True
    dtype: OptionalParameterDType = None
    bias: Flag = True

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "GroupNorm", num_groups = 1 }'

    def output(self, input: TensorType) -> TensorType:
        types = {name: entry.type for name, entry in self.state().items()}
        if input.rank > 1:
            need_equal(
                input.shape[1],
                Dim.of(self.num_channels),
                "the channels of input must be num_channels",
                argument="input",
                other="num_channels",
            )
        return functions.group_norm(input, self.num_groups, **types)

    def state(self) -> Mapping[str, StateEntry]:
        if self.num_channels % self.num_groups:
            raise Refusal(
                f"num_channels must be a multiple of num_groups: {self.num_channels} is not one"
                f" of {self.num_groups}",
                argument="num_channels",
                other="num_groups",
            )
        if not self.affine:
            return {}
        entry = StateEntry(TensorType.of((self.num_channels,), self.dtype or DEFAULT))
        return {"weight": entry} | ({"bias": entry} if self.bias else {})


class LocalResponseNorm(Layer):
    """Divides each element by a mean over neighbouring channels. Shape: (N, C, *) -> same."""

    size: Positive
    alpha: AnyNumber = 0.0001
    beta: AnyNumber = 0.75
    k: AnyNumber = 1.0

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "LocalResponseNorm", size = 5 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.local_response_norm(input, **dict(self))


class CrossMapLRN2d(Layer):
    """Divides each element by a mean over neighbouring channels; as `LocalResponseNorm`, at each
    place of an image.

    Shape: (N, C, H, W) -> same.
    """

    size: Positive
    alpha: AnyNumber = 0.0001
    beta: AnyNumber = 0.75
    k: AnyNumber = 1

    positional: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "CrossMapLRN2d", size = 5 }'

    def output(self, input: TensorType) -> TensorType:
        need_rank(input, (4,), "input", "(N, C, H, W)")
        need_at_least(input.shape[1], 1, "there must be a channel", argument="input")
        need_storable(self.k, input.dtype, "k")
        return input.with_dtype(inexact(input.dtype))
