"""Shrinking, hard and gated functions. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from ..kinds import AnyNumber, Flag, Number, Whole
from ..ops import activation as functions
from ..tensor.type import TensorType
from .base import Layer


class Hardswish(Layer):
    """x * relu6(x + 3) / 6. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.hardswish(input)


class Tanhshrink(Layer):
    """x - tanh(x). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.tanhshrink(input)


class Softshrink(Layer):
    """x moved by lambd towards 0, 0 within lambd. Shape: (*) -> (*)."""

    lambd: Number = 0.5

    def output(self, input: TensorType) -> TensorType:
        return functions.softshrink(input, self.lambd)


class Hardshrink(Layer):
    """x, 0 within lambd of 0. Shape: (*) -> (*)."""

    lambd: AnyNumber = 0.5

    def output(self, input: TensorType) -> TensorType:
        return functions.hardshrink(input, self.lambd)


class GLU(Layer):
    """The first half times the sigmoid of the second along dim. Shape: (*, 2n, *) -> (*, n, *)."""

    dim: Whole = -1

    def output(self, input: TensorType) -> TensorType:
        return functions.glu(input, self.dim)
