"""Rectifiers: zero, or nearly so, below zero. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..kinds import AnyNumber, Flag, Number, OptionalAnyNumber, OptionalParameterDType, Size
from ..ops import activation as functions
from ..refusal import Refusal
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Layer, StateEntry


class ReLU(Layer):
    """max(0, x), element by element. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.relu(input)


class ReLU6(Layer):
    """min(max(0, x), 6), element by element. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.relu6(input)


class Hardtanh(Layer):
    """x held between min_val and max_val, element by element. Shape: (*) -> (*).

    min_value and max_value are torch's older names of these.
    """

    min_val: AnyNumber = -1.0
    max_val: AnyNumber = 1.0
    inplace: Flag = False
    min_value: OptionalAnyNumber = None
    max_value: OptionalAnyNumber = None

    def model_post_init(self, context: object) -> None:
        low, high = self._bounds()
        if high <= low:
            raise Refusal(
                f"max_val must be greater than min_val, but {high} <= {low}",
                argument="max_val",
                other="min_val",
            )

    def output(self, input: TensorType) -> TensorType:
        return functions.hardtanh(input, *self._bounds())

    def _bounds(self) -> tuple[float, float]:
        return (
            self.min_val if self.min_value is None else self.min_value,
            self.max_val if self.max_value is None else self.max_value,
        )


class RReLU(Layer):
    """Leaky ReLU whose slope is drawn from [lower, upper] in training. Shape: (*) -> (*)."""

    lower: Number = 0.125
    upper: Number = 0.3333333333333333
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.rrelu(input, self.lower, self.upper, training=True)


class LeakyReLU(Layer):
    """x where positive, else negative_slope * x. Shape: (*) -> (*)."""

    negative_slope: AnyNumber = 0.01
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.leaky_relu(input, self.negative_slope)


class PReLU(Layer):
    """Leaky ReLU with a learned slope, one or one a channel. Shape: (N, channels, *) -> same."""

    num_parameters: Size = 1
    init: AnyNumber = 0.25
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 1

    def output(self, input: TensorType) -> TensorType:
        return functions.prelu(input, self.state()["weight"].type)

    def state(self) -> Mapping[str, StateEntry]:
        return {"weight": StateEntry(TensorType.of((self.num_parameters,), self.dtype or DEFAULT))}


class Threshold(Layer):
    """x where above the threshold, else value. Shape: (*) -> (*)."""

    threshold: AnyNumber
    value: AnyNumber
    inplace: Flag = False

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Threshold", threshold = 0.1, value = 0.0 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.threshold(input, self.threshold, self.value)
