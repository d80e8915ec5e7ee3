"""Transformers. Source: https://docs.pytorch.org/docs/stable/nn.html#transformer-layers"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from ..kinds import (
    AnyNumber,
    Boolean,
    Flag,
    Integer,
    Kind,
    Optional,
    OptionalParameterDType,
    Positive,
    Probability,
    Size,
)
from ..refusal import Refusal
from ..tensor.check import need_equal, need_rank
from ..tensor.cost import counting, spend
from ..tensor.dim import Dim
from ..tensor.type import TensorType
from .attention import sequence_layout
from .base import Inferred, Layer, ModuleArgument, StateEntry, joined
from .normalization import LayerNorm
from .transformer_layer import (
    Activation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
    told,
)

# Each layer has weights of its own, which are listed one by one.
Depth = Annotated[int, Integer(1, 10_000)]
OptionalFlag = Optional(Boolean())


class TransformerEncoder(Layer):
    """Encoder layers one after the other, each with weights of its own.

    Shape: (L, N, d_model) -> same; N comes first with batch_first, and may be missing.
    """

    encoder_layer: Annotated[Layer, ModuleArgument("src", "TransformerEncoderLayer")]
    num_layers: Depth
    norm: Annotated[Layer | None, Optional(ModuleArgument("src"))] = None
    enable_nested_tensor: Flag = True
    mask_check: Flag = True

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "src",
        "mask?",
        "src_key_padding_mask?",
        "is_causal?",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = {"is_causal": OptionalFlag}
    positional: ClassVar[int] = 1
    example: ClassVar[str] = (
        '{ type = "TransformerEncoder", num_layers = 2,'
        ' encoder_layer = { type = "TransformerEncoderLayer", nhead = 2 } }'
    )

    def output(
        self,
        src: TensorType,
        mask: TensorType | None = None,
        src_key_padding_mask: TensorType | None = None,
        is_causal: bool | None = None,
    ) -> TensorType:
        # Left out, the hint follows from the mask's values: both cases must work.
        causal = bool(is_causal)
        with told(src_mask="mask", d_model="encoder_layer.d_model"):
            return _stacked(
                self.encoder_layer,
                self.num_layers,
                self.norm,
                src,
                src_mask=mask,
                src_key_padding_mask=src_key_padding_mask,
                is_causal=causal,
            )

    def state(self) -> Mapping[str, StateEntry]:
        return _stacked_state(self.encoder_layer, self.num_layers, self.norm)


class TransformerDecoder(Layer):
    """Decoder layers one after the other, each with weights of its own.

    Shape: (T, N, d_model), (S, N, d_model) -> (T, N, d_model); N comes first with batch_first,
    and may be missing.
    """

    decoder_layer: Annotated[Layer, ModuleArgument("tgt", "TransformerDecoderLayer")]
    num_layers: Depth
    norm: Annotated[Layer | None, Optional(ModuleArgument("tgt"))] = None

    forward_inputs: ClassVar[tuple[str, ...]] = TransformerDecoderLayer.forward_inputs
    forward_kinds: ClassVar[Mapping[str, Kind]] = {
        "tgt_is_causal": OptionalFlag,
        "memory_is_causal": Boolean(),
    }
    positional: ClassVar[int] = 1
    example: ClassVar[str] = (
        '{ type = "TransformerDecoder", num_layers = 2,'
        ' decoder_layer = { type = "TransformerDecoderLayer", nhead = 2 },'
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
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> TensorType:
        with told(d_model="decoder_layer.d_model"):
            return _stacked(
                self.decoder_layer,
                self.num_layers,
                self.norm,
                tgt,
                memory=memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )

    def state(self) -> Mapping[str, StateEntry]:
        return _stacked_state(self.decoder_layer, self.num_layers, self.norm)


def _stacked(
    layer: Layer, count: int, norm: Layer | None, input: TensorType, **given: Any
) -> TensorType:
    """What equal layers give one after the other, which each take what the one before gives."""
    with counting() as spent:
        output = layer.output(input, **given)
    spend(spent.total() * count)
    if norm is not None:
        output = norm.output(output)
    assert isinstance(output, TensorType)
    return output


def _stacked_state(layer: Layer, count: int, norm: Layer | None) -> dict[str, StateEntry]:
    inner = joined(layers=layer)
    found = {
        name.replace("layers.", f"layers.{index}.", 1): entry
        for index in range(count)
        for name, entry in inner.items()
    }
    return found | (joined(norm=norm) if norm is not None else {})


class Transformer(Layer):
    """An encoder for one sequence, and a decoder for another that attends to it.

    Shape: (S, N, d_model), (T, N, d_model) -> (T, N, d_model); N comes first with batch_first,
    and may be missing.
    """

    d_model: Annotated[Positive, Inferred(-1, "src")] = 512
    nhead: Positive = 8
    num_encoder_layers: Depth = 6
    num_decoder_layers: Depth = 6
    dim_feedforward: Size = 2048
    dropout: Probability = 0.1
    activation: Activation = "relu"
    custom_encoder: Annotated[
        Layer | None, Optional(ModuleArgument("src", "TransformerEncoder"))
    ] = None
    custom_decoder: Annotated[
        Layer | None,
        Optional(ModuleArgument("tgt", "TransformerDecoder", "TransformerDecoderLayer")),
    ] = None
    layer_norm_eps: AnyNumber = 1e-05
    batch_first: Flag = False
    norm_first: Flag = False
    bias: Flag = True
    dtype: OptionalParameterDType = None

    forward_inputs: ClassVar[tuple[str, ...]] = (
        "src",
        "tgt",
        "src_mask?",
        "tgt_mask?",
        "memory_mask?",
        "src_key_padding_mask?",
        "tgt_key_padding_mask?",
        "memory_key_padding_mask?",
        "src_is_causal?",
        "tgt_is_causal?",
        "memory_is_causal?",
    )
    forward_kinds: ClassVar[Mapping[str, Kind]] = {
        "src_is_causal": OptionalFlag,
        "tgt_is_causal": OptionalFlag,
        "memory_is_causal": Boolean(),
    }
    positional: ClassVar[int] = 1
    example: ClassVar[str] = (
        '{ type = "Transformer", nhead = 2, inputs = { src = "question", tgt = "answer" } }'
    )

    def model_post_init(self, context: object) -> None:
        # What the layers inside refuse is refused when they are made.
        self.state()

    def output(
        self,
        src: TensorType,
        tgt: TensorType,
        src_mask: TensorType | None = None,
        tgt_mask: TensorType | None = None,
        memory_mask: TensorType | None = None,
        src_key_padding_mask: TensorType | None = None,
        tgt_key_padding_mask: TensorType | None = None,
        memory_key_padding_mask: TensorType | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> TensorType:
        self._need_sequences(src, tgt)
        with told(mask="src_mask", is_causal="src_is_causal", **_inside("custom_encoder")):
            memory = self._encoder().output(src, src_mask, src_key_padding_mask, src_is_causal)
        if tgt_is_causal is None and isinstance(self.custom_decoder, TransformerDecoderLayer):
            raise Refusal(
                "a single TransformerDecoderLayer does not look whether tgt_mask is causal:"
                " tgt_is_causal must be given",
                argument="tgt_is_causal",
                other="custom_decoder",
                help="tgt_is_causal = false",
            )
        with told(memory="src", **_inside("custom_decoder")):
            output = self._decoder().output(
                tgt,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                tgt_is_causal,
                memory_is_causal,
            )
        assert isinstance(output, TensorType)
        return output

    def _need_sequences(self, src: TensorType, tgt: TensorType) -> None:
        layout = sequence_layout(self.batch_first)
        need_rank(src, (2, 3), "src", layout)
        need_rank(tgt, (src.rank,), "tgt", f"of {src.rank} dimensions, as src")
        for name, tensor in (("src", src), ("tgt", tgt)):
            what = f"{name} must be d_model wide"
            need_equal(tensor.shape[-1], Dim.of(self.d_model), what, argument=name, other="d_model")
        if src.rank == 3:
            dim = 0 if self.batch_first else 1
            what = "src and tgt must have the same batch"
            need_equal(tgt.shape[dim], src.shape[dim], what, argument="tgt", other="src")

    def state(self) -> Mapping[str, StateEntry]:
        return joined(encoder=self._encoder(), decoder=self._decoder())

    def _encoder(self) -> Layer:
        if self.custom_encoder is not None:
            return self.custom_encoder
        layer = TransformerEncoderLayer(**self._shared)
        return TransformerEncoder(
            encoder_layer=layer, num_layers=self.num_encoder_layers, norm=self._norm()
        )

    def _decoder(self) -> Layer:
        if self.custom_decoder is not None:
            return self.custom_decoder
        layer = TransformerDecoderLayer(**self._shared)
        return TransformerDecoder(
            decoder_layer=layer, num_layers=self.num_decoder_layers, norm=self._norm()
        )

    @property
    def _shared(self) -> dict[str, Any]:
        """What all layers are told."""
        names = TransformerEncoderLayer.model_fields
        return {name: value for name, value in self if name in names}

    def _norm(self) -> LayerNorm:
        return LayerNorm(
            normalized_shape=self.d_model,
            eps=self.layer_norm_eps,
            bias=self.bias,
            dtype=self.dtype,
        )


def _inside(field: str) -> dict[str, str]:
    """What the width of a module is called from outside of the field that holds it."""
    names = ("encoder_layer.d_model", "decoder_layer.d_model", "d_model")
    return {name: f"{field}.{name}" for name in names}
