"""Distances and similarities of vectors.

Source: https://docs.pytorch.org/docs/stable/nn.html#distance-functions
"""

from __future__ import annotations

from typing import ClassVar

from ..kinds import AnyNumber, Flag, Whole
from ..ops import distance as functions
from ..tensor.type import TensorType
from .base import Layer


class CosineSimilarity(Layer):
    """The cosine of the angle between vectors along a dimension.

    Shape: (*, n, *), (*, n, *) -> (*, *).
    """

    dim: Whole = 1
    eps: AnyNumber = 1e-08

    forward_inputs: ClassVar[tuple[str, ...]] = ("x1", "x2")
    example: ClassVar[str] = '{ type = "CosineSimilarity", inputs = ["left", "right"] }'

    def output(self, x1: TensorType, x2: TensorType) -> TensorType:
        return functions.cosine_similarity(x1, x2, **dict(self))


class PairwiseDistance(Layer):
    """The p-norm of the difference of vectors.

    Shape: (N, n) or (n,), the same -> (N,) or (); with keepdim (N, 1) or (1,).
    """

    p: AnyNumber = 2.0
    eps: AnyNumber = 1e-06
    keepdim: Flag = False

    forward_inputs: ClassVar[tuple[str, ...]] = ("x1", "x2")
    example: ClassVar[str] = '{ type = "PairwiseDistance", inputs = ["left", "right"] }'

    def output(self, x1: TensorType, x2: TensorType) -> TensorType:
        return functions.pairwise_distance(x1, x2, self.p, self.eps, self.keepdim)
