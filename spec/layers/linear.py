"""Linear layers. Source: https://docs.pytorch.org/docs/stable/nn.html#linear-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from ..kinds import Flag, OptionalParameterDType, Positive, Size
from ..ops.matrix import bilinear, linear
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
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Linear", out_features = 8 }'

    def output(self, input: TensorType) -> TensorType:
        return linear(input, **{name: entry.type for name, entry in self.state().items()})

    def state(self) -> Mapping[str, StateEntry]:
        dtype = self.dtype or DEFAULT
        weight = TensorType.of((self.out_features, self.in_features), dtype)
        bias = TensorType.of((self.out_features,), dtype)
        return {"weight": StateEntry(weight)} | ({"bias": StateEntry(bias)} if self.bias else {})


class Bilinear(Layer):
    """Applies y = x1^T A x2 + b to the last dimensions.

    Shape: (*, in1_features), (*, in2_features) -> (*, out_features).
    """

    in1_features: Annotated[Positive, Inferred(-1, "input1")]
    in2_features: Annotated[Positive, Inferred(-1, "input2")]
    out_features: Size
    bias: Flag = True
    dtype: OptionalParameterDType = None

    forward_inputs: ClassVar[tuple[str, ...]] = ("input1", "input2")
    positional: ClassVar[int] = 3
    example: ClassVar[str] = '{ type = "Bilinear", out_features = 8, inputs = ["left", "right"] }'

    def output(self, input1: TensorType, input2: TensorType) -> TensorType:
        types = {name: entry.type for name, entry in self.state().items()}
        return bilinear(input1, input2, **types)

    def state(self) -> Mapping[str, StateEntry]:
        dtype = self.dtype or DEFAULT
        shape = (self.out_features, self.in1_features, self.in2_features)
        bias = TensorType.of((self.out_features,), dtype)
        return {"weight": StateEntry(TensorType.of(shape, dtype))} | (
            {"bias": StateEntry(bias)} if self.bias else {}
        )
