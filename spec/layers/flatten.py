"""Layers that only give another shape. Source: https://docs.pytorch.org/docs/stable/nn.html"""

from __future__ import annotations

from typing import Annotated, ClassVar

from ..kinds import Integer, Repeated, Whole
from ..ops import reshaping as functions
from ..refusal import Refusal
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .base import Layer


class Identity(Layer):
    """Passes its input on. Shape: (*) -> (*)."""

    def output(self, input: TensorType) -> TensorType:
        return input


class Flatten(Layer):
    """Joins the dimensions from start_dim to end_dim, inclusive, to one."""

    start_dim: Whole = 1
    end_dim: Whole = -1

    def output(self, input: TensorType) -> TensorType:
        return functions.flatten(input, self.start_dim, self.end_dim)


class Unflatten(Layer):
    """Cuts one dimension into sizes, of which one may be -1: what is left."""

    dim: Whole
    unflattened_size: Annotated[tuple[int, ...], Repeated(Integer(-1), single=False)]

    positional: ClassVar[int] = 2
    example: ClassVar[str] = '{ type = "Unflatten", dim = 1, unflattened_size = [4, -1] }'

    def output(self, input: TensorType) -> TensorType:
        sizes = tuple(Dim.of(size) for size in self.unflattened_size)
        try:
            return functions.unflatten(input, self.dim, sizes)
        except Refusal as refusal:
            raise refusal.renamed(sizes="unflattened_size") from None
