"""Linear layers. Source: https://docs.pytorch.org/docs/stable/nn.html#linear-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import Flag, OptionalDType, Size
from ..ops.matrix import linear
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry


class Linear(Layer):
    """Applies an affine transformation to the last dimension: y = x A^T + b.

    Shape: (*, in_features) -> (*, out_features).
    """

    in_features: Annotated[Size, Inferred(-1)]
    out_features: Size
    bias: Flag = True
    dtype: OptionalDType = None

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Linear", out_features = 8 }'

    def output(self, input: TensorType) -> TensorType:
        return linear(input, self.state()["weight"].type)

    def state(self) -> Mapping[str, StateEntry]:
        dtype = self.dtype or DEFAULT
        weight = TensorType.of((self.out_features, self.in_features), dtype)
        bias = TensorType.of((self.out_features,), dtype)
        return {"weight": StateEntry(weight)} | ({"bias": StateEntry(bias)} if self.bias else {})

    def flops(self, input: TensorType) -> Dim:
        return 2 * input.numel() * self.out_features
