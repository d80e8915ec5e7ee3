"""Embeddings. Source: https://docs.pytorch.org/docs/stable/nn.html#sparse-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..kinds import (
    AnyNumber,
    Flag,
    OptionalAnyNumber,
    OptionalParameterDType,
    OptionalWhole,
    Size,
)
from ..ops.embedding import BagMode, embedding, embedding_bag, need_row
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Layer, StateEntry

_BAG = ("scale_grad_by_freq", "mode", "sparse", "include_last_offset", "padding_idx")


def _rows(layer: Embedding | EmbeddingBag) -> Mapping[str, StateEntry]:
    if layer.padding_idx is not None:
        need_row(layer.padding_idx, Dim.of(layer.num_embeddings))
    shape = (layer.num_embeddings, layer.embedding_dim)
    return {"weight": StateEntry(TensorType.of(shape, layer.dtype or DEFAULT))}


class Embedding(Layer):
    """A learned row for each whole number. Shape: (*) -> (*, embedding_dim)."""

    num_embeddings: Size
    embedding_dim: Size
    padding_idx: OptionalWhole = None
    max_norm: OptionalAnyNumber = None
    norm_type: AnyNumber = 2.0
    scale_grad_by_freq: Flag = False
    sparse: Flag = False
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 2
    example: ClassVar[str] = (
        '{ type = "Embedding", num_embeddings = 10, embedding_dim = 4, inputs = "tokens" }'
    )

    def output(self, input: TensorType) -> TensorType:
        return embedding(input, self.state()["weight"].type, self.padding_idx)

    def state(self) -> Mapping[str, StateEntry]:
        return _rows(self)


class EmbeddingBag(Layer):
    """The sum, mean or maximum of learned rows, a bag of whole numbers each.

    Shape: (B, N) -> (B, embedding_dim); or (N,) and where each bag begins, (B,).
    """

    num_embeddings: Size
    embedding_dim: Size
    max_norm: OptionalAnyNumber = None
    norm_type: AnyNumber = 2.0
    scale_grad_by_freq: Flag = False
    mode: BagMode = "mean"
    sparse: Flag = False
    include_last_offset: Flag = False
    padding_idx: OptionalWhole = None
    dtype: OptionalParameterDType = None

    forward_inputs: ClassVar[tuple[str, ...]] = ("input", "offsets?", "per_sample_weights?")
    positional: ClassVar[int] = 2
    example: ClassVar[str] = (
        '{ type = "EmbeddingBag", num_embeddings = 10, embedding_dim = 4, inputs = "tokens" }'
    )

    def output(
        self,
        input: TensorType,
        offsets: TensorType | None = None,
        per_sample_weights: TensorType | None = None,
    ) -> TensorType:
        arguments = {key: value for key, value in self if key in _BAG}
        return embedding_bag(
            input,
            self.state()["weight"].type,
            offsets,
            per_sample_weights=per_sample_weights,
            **arguments,
        )

    def state(self) -> Mapping[str, StateEntry]:
        return _rows(self)
