"""Activations. Source: https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..kinds import AnyNumber, Flag, Number, OptionalParameterDType, OptionalWhole, Size, Whole
from ..ops import activation as functions
from ..tensor.check import need_rank
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


class Hardswish(Layer):
    """x * relu6(x + 3) / 6. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.hardswish(input)


class Hardsigmoid(Layer):
    """relu6(x + 3) / 6. Shape: (*) -> (*)."""

    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.hardsigmoid(input)


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


class Tanhshrink(Layer):
    """x - tanh(x). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.tanhshrink(input)


class Softsign(Layer):
    """x / (1 + |x|). Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return functions.softsign(input)


class Softplus(Layer):
    """log(1 + exp(beta * x)) / beta, linear above the threshold. Shape: (*) -> (*)."""

    beta: AnyNumber = 1.0
    threshold: AnyNumber = 20.0

    def output(self, input: TensorType) -> TensorType:
        return functions.softplus(input, self.beta, self.threshold)


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


class Threshold(Layer):
    """x where above the threshold, else value. Shape: (*) -> (*)."""

    threshold: AnyNumber
    value: AnyNumber
    inplace: Flag = False

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Threshold", threshold = 0.1, value = 0.0 }'

    def output(self, input: TensorType) -> TensorType:
        return functions.threshold(input, self.threshold, self.value)


class GLU(Layer):
    """The first half times the sigmoid of the second along dim. Shape: (*, 2n, *) -> (*, n, *)."""

    dim: Whole = -1

    def output(self, input: TensorType) -> TensorType:
        return functions.glu(input, self.dim)


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
