"""Units that bend smoothly below zero. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from ..kinds import AnyNumber, Flag
from ..ops import activation as functions
from ..tensor.type import TensorType
from .base import Layer


class ELU(Layer):
    """x where positive, else alpha * (exp(x) - 1). Shape: (*) -> (*)."""

    alpha: AnyNumber = 1.0
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.elu(input, self.alpha)


class SELU(Layer):
    """ELU scaled so that activations keep mean 0 and variance 1. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.selu(input)


class CELU(Layer):
    """max(0, x) + min(0, alpha * (exp(x / alpha) - 1)). Shape: (*) -> (*)."""

    alpha: AnyNumber = 1.0
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.celu(input, self.alpha)


class GELU(Layer):
    """x times the standard normal distribution function of x. Shape: (*) -> (*)."""

    approximate: functions.Approximation = "none"

    def output(self, input: TensorType) -> TensorType:
        return functions.gelu(input, approximate=self.approximate)


class SiLU(Layer):
    """x * sigmoid(x), also called swish. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.silu(input)


class Mish(Layer):
    """x * tanh(softplus(x)). Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.mish(input)


class Softplus(Layer):
    """log(1 + exp(beta * x)) / beta, linear above the threshold. Shape: (*) -> (*)."""

    beta: AnyNumber = 1.0
    threshold: AnyNumber = 20.0

    def output(self, input: TensorType) -> TensorType:
        return functions.softplus(input, self.beta, self.threshold)
