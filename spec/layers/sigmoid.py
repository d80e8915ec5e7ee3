"""Functions with bounded values. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from ..kinds import Flag
from ..ops import activation as functions
from ..tensor.type import TensorType
from .base import Layer


class Sigmoid(Layer):
    """1 / (1 + exp(-x)). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.sigmoid(input)


class LogSigmoid(Layer):
    """log(sigmoid(x)). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.logsigmoid(input)


class Tanh(Layer):
    """The hyperbolic tangent. Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.tanh(input)


class Softsign(Layer):
    """x / (1 + |x|). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.softsign(input)


class Hardsigmoid(Layer):
    """relu6(x + 3) / 6. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.hardsigmoid(input)
