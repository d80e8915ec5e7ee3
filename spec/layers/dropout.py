"""Dropout layers. Source: https://docs.pytorch.org/docs/stable/nn.html#dropout-layers"""

from __future__ import annotations

from ..kinds import Flag, Probability
from ..ops import dropout as functions
from ..tensor.type import TensorType
from .base import Layer


class Dropout(Layer):
    """In training, zeroes each element with probability p and scales the rest by 1 / (1 - p).

    Shape: (*) -> (*).
    """

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.dropout(input, self.p, training=True)


class Dropout1d(Layer):
    """In training, zeroes whole channels with probability p. Shape: (N, C, L) or (C, L) -> same."""

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.dropout1d(input, self.p, training=True)


class Dropout2d(Layer):
    """In training, zeroes whole channels with probability p.

    Shape: (N, C, H, W) or (N, C, L) -> same.
    """

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.dropout2d(input, self.p, training=True)


class Dropout3d(Layer):
    """In training, zeroes whole channels with probability p.

    Shape: (N, C, D, H, W) or (C, D, H, W) -> same.
    """

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.dropout3d(input, self.p, training=True)


class AlphaDropout(Layer):
    """Dropout that keeps mean and variance, made for SELU. Shape: (*) -> (*)."""

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.alpha_dropout(input, self.p, training=True)


class FeatureAlphaDropout(Layer):
    """Alpha dropout of whole channels. Shape: (N, C, *) -> same."""

    p: Probability = 0.5
    inplace: Flag = False

    def output(self, input: TensorType) -> TensorType:
        return functions.feature_alpha_dropout(input, self.p, training=True)
