"""Attention. Source: https://docs.pytorch.org/docs/stable/nn.html#transformer-layers"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from ..kinds import (
    Boolean,
    Flag,
    Integer,
    Kind,
    Optional,
    OptionalParameterDType,
    Positive,
    Probability,
)
from ..ops.multi_head_attention import Attended, multi_head_attention_forward
from ..refusal import Refusal
from ..tensor.check import need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DEFAULT
from ..tensor.type import TensorType
from .base import Inferred, Layer, StateEntry, joined
from .linear import Linear

OptionalSize = Annotated[int | None, Optional(Integer(0))]


class MultiheadAttention(Layer):
    """Each query gathers values by how well their keys fit it, in several heads side by side.

    Shape: (L, N, embed_dim), (S, N, kdim), (S, N, vdim) -> (L, N, embed_dim), weights (N, L, S);
    N comes first with batch_first, and may be missing.
    """

    embed_dim: Annotated[Positive, Inferred(-1, "query")]
    num_heads: Positive
    dropout: Probability = 0.0
    bias: Flag = True
    add_bias_kv: Flag = False
    add_zero_attn: Flag = False
    kdim: Annotated[OptionalSize, Inferred(-1, "key", usual="embed_dim")] = None
    vdim: Annotated[OptionalSize, Inferred(-1, "value", usual="embed_dim")] = None
    batch_first: Flag = False
    dtype: OptionalParameterDType = None

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "query",
        "key",
        "value",
        "key_padding_mask?",
        "need_weights?",
        "attn_mask?",
        "average_attn_weights?",
        "is_causal?",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = dict.fromkeys(
        ("need_weights", "average_attn_weights", "is_causal"), Boolean()
    )
    forward_outputs: ClassVar[tuple[str, ...]] = ("attn_output", "attn_output_weights")
    partial_outputs: ClassVar[tuple[str, ...]] = ("attn_output_weights",)
    positional: ClassVar[int] = 2
    example: ClassVar[str] = (
        '{ type = "MultiheadAttention", num_heads = 2,'
        ' inputs = { query = "x", key = "x", value = "x", need_weights = false } }'
    )

    def model_post_init(self, context: object) -> None:
        need_heads(self.embed_dim, self.num_heads, "embed_dim", "num_heads")

    def output(
        self,
        query: TensorType,
        key: TensorType,
        value: TensorType,
        key_padding_mask: TensorType | None = None,
        need_weights: bool = True,
        attn_mask: TensorType | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> Attended:
        types = {name.replace(".", "_"): entry.type for name, entry in self.state().items()}
        kept = dict.fromkeys(("in_proj_weight", "in_proj_bias", "bias_k", "bias_v"))
        attended, weights = multi_head_attention_forward(
            *self._sequences(query=query, key=key, value=value),
            embed_dim_to_check=self.embed_dim,
            num_heads=self.num_heads,
            **{"out_proj_bias": None, **kept, **types},
            add_zero_attn=self.add_zero_attn,
            dropout_p=self.dropout,
            training=True,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._is_packed,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return turned(attended, self.batch_first), weights

    def _sequences(self, **sequences: TensorType) -> Iterator[TensorType]:
        """Query, key and value with the batch second. Refuses those of another width."""
        key = "embed_dim" if self.kdim is None else "kdim"
        fields = ("embed_dim", key, "embed_dim" if self.vdim is None else "vdim")
        for field, width, (name, tensor) in zip(
            fields, (self.embed_dim, *self._source_widths), sequences.items(), strict=True
        ):
            need_rank(tensor, (2, 3), name, sequence_layout(self.batch_first))
            what = f"{name} must be {field} wide"
            need_equal(tensor.shape[-1], Dim.of(width), what, argument=name, other=field)
            yield turned(tensor, self.batch_first)

    @property
    def _source_widths(self) -> tuple[int, int]:
        """How wide keys and values are."""
        key = self.embed_dim if self.kdim is None else self.kdim
        return key, self.embed_dim if self.vdim is None else self.vdim

    @property
    def _is_packed(self) -> bool:
        """Whether one weight projects query, key and value."""
        return self._source_widths == (self.embed_dim, self.embed_dim)

    def state(self) -> Mapping[str, StateEntry]:
        width = self.embed_dim
        key, value = self._source_widths
        shapes: dict[str, tuple[int, ...]] = {"in_proj_weight": (3 * width, width)}
        if not self._is_packed:
            shapes = {
                "q_proj_weight": (width, width),
                "k_proj_weight": (width, key),
                "v_proj_weight": (width, value),
            }
        if self.bias:
            shapes["in_proj_bias"] = (3 * width,)
        if self.add_bias_kv:
            shapes |= dict.fromkeys(("bias_k", "bias_v"), (1, 1, width))
        dtype = self.dtype or DEFAULT
        out = Linear(in_features=width, out_features=width, bias=self.bias, dtype=dtype)
        own = {name: StateEntry(TensorType.of(shape, dtype)) for name, shape in shapes.items()}
        return own | joined(out_proj=out)


def need_heads(width: int, heads: int, field: str, count: str) -> None:
    """Refuses heads that don't share a width equally.

    field, count: the arguments that say how wide, and how many.
    """
    if width % heads:
        raise Refusal(
            f"{field} must be divisible by {count}: {width} is not by {heads}",
            argument=count,
            other=field,
        )


def sequence_layout(batch_first: bool) -> str:
    """How the dimensions of sequences read."""
    return f"{'(N, L, E)' if batch_first else '(L, N, E)'} or (L, E)"


def turned(sequences: TensorType, batch_first: bool) -> TensorType:
    """The batch as the second dimension where it is the first, and back."""
    if not batch_first or sequences.rank != 3:
        return sequences
    first, second, width = sequences.shape
    return sequences.with_shape((second, first, width))
