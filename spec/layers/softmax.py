"""Normalised exponentials. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from ..kinds import OptionalWhole
from ..ops import activation as functions
from ..tensor.check import need_rank
from ..tensor.type import TensorType
from .base import Layer


class Softmax(Layer):
    """exp(x), divided by its sum along dim. Shape: (*) -> (*)."""

    dim: OptionalWhole = None

    def output(self, input: TensorType) -> TensorType:
        return functions.normalized(input, self.dim)


class LogSoftmax(Layer):
    """log(softmax(x)). Shape: (*) -> (*)."""

    dim: OptionalWhole = None

    def output(self, input: TensorType) -> TensorType:
        return functions.normalized(input, self.dim)


class Softmin(Layer):
    """softmax(-x). Shape: (*) -> (*)."""

    dim: OptionalWhole = None

    def output(self, input: TensorType) -> TensorType:
        return functions.normalized(input, self.dim)


class Softmax2d(Layer):
    """softmax over the channels of each place. Shape: (N, C, H, W) or (C, H, W) -> same."""

    def output(self, input: TensorType) -> TensorType:
        need_rank(input, (3, 4), "input", "(N, C, H, W) or (C, H, W)")
        return functions.softmax(input, -3)
