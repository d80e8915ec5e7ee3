"""One layer of a transformer. Source: https://docs.pytorch.org/docs/stable/nn.html#transformer-layers"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, ClassVar

from ..kinds import (
    AnyNumber,
    Boolean,
    Choice,
    Flag,
    Kind,
    OptionalParameterDType,
    Positive,
    Probability,
    Size,
)
from ..refusal import Refusal
from ..tensor.type import TensorType
from .attention import MultiheadAttention, need_heads
from .base import Inferred, Layer, StateEntry, joined
from .linear import Linear
from .normalization import LayerNorm

Activation = Annotated[str, Choice("relu", "gelu")]


class _TransformerLayer(Layer):
    d_model: Annotated[Positive, Inferred(-1, "src")]
    nhead: Positive
    dim_feedforward: Size = 2048
    dropout: Probability = 0.1
    activation: Activation = "relu"
    layer_norm_eps: AnyNumber = 1e-05
    batch_first: Flag = False
    norm_first: Flag = False
    bias: Flag = True
    dtype: OptionalParameterDType = None

    positional: ClassVar[int] = 1
    attentions: ClassVar[tuple[str, ...]]
    norms: ClassVar[tuple[str, ...]]

    def model_post_init(self, context: object) -> None:
        need_heads(self.d_model, self.nhead, "d_model", "nhead")

    def state(self) -> Mapping[str, StateEntry]:
        return joined(
            **{name: self._attention() for name in self.attentions},
            linear1=self._widening(),
            linear2=self._narrowing(),
            **{name: self._norm() for name in self.norms},
        )

    def _attention(self) -> MultiheadAttention:
        return MultiheadAttention(
            embed_dim=self.d_model,
            num_heads=self.nhead,
            dropout=self.dropout,
            bias=self.bias,
            batch_first=self.batch_first,
            dtype=self.dtype,
        )

    def _widening(self) -> Linear:
        return Linear(
            in_features=self.d_model,
            out_features=self.dim_feedforward,
            bias=self.bias,
            dtype=self.dtype,
        )

    def _narrowing(self) -> Linear:
        return Linear(
            in_features=self.dim_feedforward,
            out_features=self.d_model,
            bias=self.bias,
            dtype=self.dtype,
        )

    def _norm(self) -> LayerNorm:
        return LayerNorm(
            normalized_shape=self.d_model,
            eps=self.layer_norm_eps,
            bias=self.bias,
            dtype=self.dtype,
        )

    def _attended(
        self,
        name: str,
        query: TensorType,
        source: str,
        sequence: TensorType,
        prefix: str,
        attn_mask: TensorType | None,
        key_padding_mask: TensorType | None,
        is_causal: bool,
    ) -> TensorType:
        """What the query `name` gathers from the sequence `source`; prefix: of the masks' names."""
        names = {"query": name, "key": source, "value": source, "attn_mask": f"{prefix}_mask"}
        names["key_padding_mask"] = f"{prefix}_key_padding_mask"
        names["is_causal"] = "is_causal" if prefix == "src" else f"{prefix}_is_causal"
        with told(**names, embed_dim="d_model", num_heads="nhead"):
            output, _ = self._attention().output(
                query,
                sequence,
                sequence,
                key_padding_mask=key_padding_mask,
                need_weights=False,
                attn_mask=attn_mask,
                is_causal=is_causal,
            )
        return output

    def _fed_forward(self, input: TensorType) -> TensorType:
        return self._norm().output(self._narrowing().output(self._widening().output(input)))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention, then a network for each position; both are added to what goes in.

    Shape: (L, N, d_model) -> same; N comes first with batch_first, and may be missing.
    """

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "src",
        "src_mask?",
        "src_key_padding_mask?",
        "is_causal?",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = {"is_causal": Boolean()}
    attentions: ClassVar[tuple[str, ...]] = ("self_attn",)
    norms: ClassVar[tuple[str, ...]] = ("norm1", "norm2")
    example: ClassVar[str] = '{ type = "TransformerEncoderLayer", nhead = 2 }'

    def output(
        self,
        src: TensorType,
        src_mask: TensorType | None = None,
        src_key_padding_mask: TensorType | None = None,
        is_causal: bool = False,
    ) -> TensorType:
        attended = self._attended(
            "src", src, "src", src, "src", src_mask, src_key_padding_mask, is_causal
        )
        return self._fed_forward(attended)


class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, attention to a memory, then a network for each position.

    Shape: (T, N, d_model), (S, N, d_model) -> (T, N, d_model); N comes first with batch_first,
    and may be missing.
    """

    d_model: Annotated[Positive, Inferred(-1, "tgt")]

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "tgt",
        "memory",
        "tgt_mask?",
        "memory_mask?",
        "tgt_key_padding_mask?",
        "memory_key_padding_mask?",
        "tgt_is_causal?",
        "memory_is_causal?",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = dict.fromkeys(
        ("tgt_is_causal", "memory_is_causal"), Boolean()
    )
    attentions: ClassVar[tuple[str, ...]] = ("self_attn", "multihead_attn")
    norms: ClassVar[tuple[str, ...]] = ("norm1", "norm2", "norm3")
    example: ClassVar[str] = (
        '{ type = "TransformerDecoderLayer", nhead = 2,'
        ' inputs = { tgt = "answer", memory = "encoded" } }'
    )

    def output(
        self,
        tgt: TensorType,
        memory: TensorType,
        tgt_mask: TensorType | None = None,
        memory_mask: TensorType | None = None,
        tgt_key_padding_mask: TensorType | None = None,
        memory_key_padding_mask: TensorType | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> TensorType:
        attended = self._attended(
            "tgt", tgt, "tgt", tgt, "tgt", tgt_mask, tgt_key_padding_mask, tgt_is_causal
        )
        attended = self._attended(
            "tgt",
            attended,
            "memory",
            memory,
            "memory",
            memory_mask,
            memory_key_padding_mask,
            memory_is_causal,
        )
        return self._fed_forward(attended)


@contextmanager
def told(**names: str) -> Iterator[None]:
    """Tells refusals of a layer inside in the words of the one around."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.retold(**names) from None
