"""Batch and instance normalization.

Source: https://docs.pytorch.org/docs/stable/nn.html#normalization-layers
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import AnyNumber, Flag, OptionalAnyNumber, OptionalParameterDType, Positive, Size
from ..ops import normalization as functions
from ..ops.conv import LAYOUTS
from ..tensor.check import need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry


class _Norm(Layer):
    num_features: Size
    eps: AnyNumber = 1e-05
    momentum: OptionalAnyNumber = 0.1
    affine: Flag = True
    track_running_stats: Flag = True
    dtype: OptionalParameterDType = None
    bias: Flag = True

    positional: ClassVar[int] = 1
    spatial: ClassVar[int]

    def state(self) -> Mapping[str, StateEntry]:
        features = TensorType.of((self.num_features,), self.dtype or DEFAULT)
        state: dict[str, StateEntry] = {}
        if self.affine:
            state["weight"] = StateEntry(features)
            if self.bias:
                state["bias"] = StateEntry(features)
        if self.track_running_stats:
            state["running_mean"] = state["running_var"] = StateEntry(features, trainable=False)
            count = TensorType.of((), "int64")
            state["num_batches_tracked"] = StateEntry(count, trainable=False)
        return state

    def _types(self) -> dict[str, TensorType]:
        """The functional's tensors by name."""
        types: dict[str, TensorType | None] = {"running_mean": None, "running_var": None}
        types |= {name: entry.type for name, entry in self.state().items()}
        types.pop("num_batches_tracked", None)
        return types  # type: ignore[return-value]

    def _need_features(self, size: Dim) -> None:
        need_equal(
            size,
            Dim.of(self.num_features),
            "the channels of input must be num_features",
            argument="input",
            other="num_features",
        )


class _BatchNorm(_Norm):
    def output(self, input: TensorType) -> TensorType:
        layouts = {1: "(N, C) or (N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
        ranks = (2, 3) if self.spatial == 1 else (self.spatial + 2,)
        need_rank(input, ranks, "input", layouts[self.spatial])
        self._need_features(input.shape[1])
        return functions.batch_norm(input, **self._types(), training=True, eps=self.eps)


class BatchNorm1d(_BatchNorm):
    """Brings each channel to mean 0 and variance 1 over the batch; in training, the batch must hold
    more than one value a channel.

    Shape: (N, num_features) or (N, num_features, L) -> same.
    """

    num_features: Annotated[Positive, Inferred(1)]

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "BatchNorm1d" }'


class BatchNorm2d(_BatchNorm):
    """Brings each channel to mean 0 and variance 1 over batch and places; in training, there must
    be more than one value a channel.

    Shape: (N, num_features, H, W) -> same.
    """

    num_features: Annotated[Positive, Inferred(1)]

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "BatchNorm2d" }'


class BatchNorm3d(_BatchNorm):
    """Brings each channel to mean 0 and variance 1 over batch and places; in training, there must
    be more than one value a channel.

    Shape: (N, num_features, D, H, W) -> same.
    """

    num_features: Annotated[Positive, Inferred(1)]

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "BatchNorm3d" }'


class _InstanceNorm(_Norm):
    affine: Flag = False
    track_running_stats: Flag = False

    def output(self, input: TensorType) -> TensorType:
        need_rank(input, (self.spatial + 1, self.spatial + 2), "input", LAYOUTS[self.spatial])
        self._need_features(input.shape[-self.spatial - 1])
        batched = input.shape if input.rank == self.spatial + 2 else (Dim.of(1), *input.shape)
        functions.instance_norm(input.with_shape(batched), **self._types(), eps=self.eps)
        return input


class InstanceNorm1d(_InstanceNorm):
    """Brings each channel of each sample to mean 0 and variance 1 over its places.

    Shape: (N, num_features, L) -> same; N may be missing.
    """

    num_features: Annotated[Size, Inferred(-2)]

    spatial: ClassVar[int] = 1
    example: ClassVar[str] = '{ type = "InstanceNorm1d" }'


class InstanceNorm2d(_InstanceNorm):
    """Brings each channel of each sample to mean 0 and variance 1 over its places.

    Shape: (N, num_features, H, W) -> same; N may be missing.
    """

    num_features: Annotated[Size, Inferred(-3)]

    spatial: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "InstanceNorm2d" }'


class InstanceNorm3d(_InstanceNorm):
    """Brings each channel of each sample to mean 0 and variance 1 over its places.

    Shape: (N, num_features, D, H, W) -> same; N may be missing.
    """

    num_features: Annotated[Size, Inferred(-4)]

    spatial: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "InstanceNorm3d" }'


class SyncBatchNorm(_BatchNorm):
    """Brings each channel to mean 0 and variance 1 over the batches of all processes; in training,
    they must hold more than one value a channel.

    Shape: (N, num_features, *) -> same.
    """

    num_features: Annotated[Positive, Inferred(1)]

    example: ClassVar[str] = '{ type = "SyncBatchNorm" }'

    def output(self, input: TensorType) -> TensorType:
        if input.rank > 1:
            self._need_features(input.shape[1])
        return functions.batch_norm(input, **self._types(), training=True, eps=self.eps)
