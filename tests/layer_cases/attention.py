"""Attention and transformers: arguments and inputs, mostly legal, with one thing wrong in some."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import Case, Draw, case, flags, floating_arguments, some

Shape = tuple[int, ...]
BATCHES: list[Shape] = [*[(2,)] * 8, *[(1,)] * 3, *[()] * 4, (0,)]
MASKS = ["bool"] * 4 + ["float32"] * 3 + ["float64", "int64"]
HINTS = [False] * 5 + [True]


def _rarely(draw: Draw) -> bool:
    return bool(draw(st.sampled_from([False] * 25 + [True])))


def _nearly(draw: Draw, shape: Shape, dtype: str) -> tuple[Shape, str]:
    """A tensor of this type; rarely one size, the rank or the dtype is another."""
    sizes = list(shape)
    if sizes and _rarely(draw):
        sizes[draw(st.integers(0, len(sizes) - 1))] = draw(st.sampled_from([1, 2, 3, 5, 0]))
    if _rarely(draw):
        sizes = sizes[1:] if draw(flags) else [1, *sizes]
    return tuple(sizes), "float16" if _rarely(draw) else dtype


def _sequence(
    draw: Draw, length: int, batch: Shape, width: int, arguments: dict[str, Any]
) -> tuple[Shape, str]:
    """A sequence as the arguments want it."""
    leading = (*batch, length) if arguments.get("batch_first") else (length, *batch)
    return _nearly(draw, (*leading, width), arguments.get("dtype") or "float32")


def _mask(draw: Draw, target: int, source: int, heads: int) -> tuple[Shape, str] | None:
    if not draw(flags):
        return None
    shapes: list[Shape] = [(target, source)] * 3
    shapes += [(heads, target, source)] * 2
    return _nearly(draw, draw(st.sampled_from(shapes)), draw(st.sampled_from(MASKS)))


def _padding(draw: Draw, batch: Shape, source: int) -> tuple[Shape, str] | None:
    if not draw(flags):
        return None
    return _nearly(draw, (*batch, source), draw(st.sampled_from(MASKS)))


@case("MultiheadAttention")
def _attention(draw: Draw, spatial: int) -> Case:
    width = draw(st.sampled_from([4, 4, 4, 6, 3]))
    heads = draw(st.sampled_from([*[2] * 8, 1, 1, 3, 0]))
    arguments: dict[str, Any] = {"embed_dim": width, "num_heads": heads}
    arguments |= some(
        draw,
        dropout=st.sampled_from([0.0, 0.5, 1.0]),
        bias=flags,
        add_bias_kv=flags,
        add_zero_attn=flags,
        kdim=st.sampled_from([None, width, 5, 0]),
        vdim=st.sampled_from([None, width, 2]),
        batch_first=flags,
    )
    arguments |= floating_arguments(draw) if draw(flags) else {}
    batch, target, source = draw(st.sampled_from(BATCHES)), 3, draw(st.sampled_from([3, 5]))
    widths = [arguments.get(name) for name in ("kdim", "vdim")]
    key, value = (width if wide is None else wide for wide in widths)
    count = (batch or (1,))[0] * heads
    query, keys, values = (
        _sequence(draw, length, batch, wide, arguments)
        for length, wide in ((target, width), (source, key), (source, value))
    )
    padding, mask = _padding(draw, batch, source), _mask(draw, target, source, count)
    hint = draw(st.sampled_from(HINTS))
    return arguments, [query, keys, values, padding, draw(flags), mask, draw(flags), hint]


def _layer_arguments(draw: Draw) -> dict[str, Any]:
    arguments = {"d_model": draw(st.sampled_from([4, 4, 4, 6]))}
    arguments |= {"nhead": draw(st.sampled_from([*[2] * 8, 1, 1, 4, 4, 3, 0]))}
    arguments |= some(
        draw,
        dim_feedforward=st.sampled_from([8] * 8 + [1, 0, -1]),
        dropout=st.sampled_from([0.0, 0.5, 1.0] * 4 + [2.0]),
        activation=st.sampled_from(["relu", "gelu"] * 8 + ["tanh"]),
        layer_norm_eps=st.sampled_from([1e-5, 0.0, -1.0]),
        batch_first=flags,
        norm_first=flags,
        bias=flags,
    )
    return arguments | (floating_arguments(draw) if _rarely(draw) else {})


def _nested(draw: Draw, type: str) -> dict[str, Any]:
    return {"type": type, **_layer_arguments(draw)}


def _norm(draw: Draw, layer: dict[str, Any]) -> dict[str, Any]:
    if not draw(flags):
        return {}
    width = layer["d_model"] if not _rarely(draw) else 5
    shared = {"dtype": layer["dtype"]} if "dtype" in layer else {}
    norms = [
        {"type": "LayerNorm", "normalized_shape": width, **shared},
        {"type": "RMSNorm", "normalized_shape": width, **shared},
        {"type": "Linear", "in_features": width, "out_features": 3, **shared},
    ]
    return {"norm": draw(st.sampled_from([*norms, None]))}


def _depth(draw: Draw) -> int:
    return int(draw(st.sampled_from([1, 2] * 8 + [0])))


def _encoded(draw: Draw, layer: dict[str, Any]) -> list[Any]:
    batch, length = draw(st.sampled_from(BATCHES)), 3
    count = (batch or (1,))[0] * layer["nhead"]
    src = _sequence(draw, length, batch, layer["d_model"], layer)
    return [src, _mask(draw, length, length, count), _padding(draw, batch, length)]


def _decoded(draw: Draw, layer: dict[str, Any], *, first: str) -> list[Any]:
    """The sequences, the one that `first` names before the other, then the masks of each."""
    batch, target, source = draw(st.sampled_from(BATCHES)), 3, draw(st.sampled_from([3, 5]))
    count = (batch or (1,))[0] * layer["nhead"]
    tgt = _sequence(draw, target, batch, layer["d_model"], layer)
    other = _sequence(draw, source, batch, layer["d_model"], layer)
    masks = [_mask(draw, target, target, count), _mask(draw, target, source, count)]
    paddings = [_padding(draw, batch, target), _padding(draw, batch, source)]
    if first == "tgt":
        return [tgt, other, *masks, *paddings]
    own = _mask(draw, source, source, count), _padding(draw, batch, source)
    return [other, tgt, own[0], *masks, own[1], *paddings]


@case("TransformerEncoderLayer")
def _encoder_layer(draw: Draw, spatial: int) -> Case:
    arguments = _layer_arguments(draw)
    return arguments, [*_encoded(draw, arguments), draw(st.sampled_from(HINTS))]


@case("TransformerDecoderLayer")
def _decoder_layer(draw: Draw, spatial: int) -> Case:
    arguments = _layer_arguments(draw)
    hints = [draw(st.sampled_from(HINTS)) for _ in range(2)]
    return arguments, [*_decoded(draw, arguments, first="tgt"), *hints]


@case("TransformerEncoder")
def _encoder(draw: Draw, spatial: int) -> Case:
    layer = _nested(draw, "TransformerEncoderLayer")
    arguments = {"encoder_layer": layer, "num_layers": _depth(draw)} | _norm(draw, layer)
    arguments |= some(draw, enable_nested_tensor=flags, mask_check=flags)
    return arguments, [*_encoded(draw, layer), draw(st.sampled_from([None, None, *HINTS]))]


@case("TransformerDecoder")
def _decoder(draw: Draw, spatial: int) -> Case:
    layer = _nested(draw, "TransformerDecoderLayer")
    arguments = {"decoder_layer": layer, "num_layers": _depth(draw)} | _norm(draw, layer)
    hints = [draw(st.sampled_from([None, *HINTS])), draw(st.sampled_from(HINTS))]
    return arguments, [*_decoded(draw, layer, first="tgt"), *hints]


@case("Transformer")
def _transformer(draw: Draw, spatial: int) -> Case:
    layer = _layer_arguments(draw)
    arguments = {**layer, "dim_feedforward": 8, "num_encoder_layers": 1, "num_decoder_layers": 1}
    if _rarely(draw):
        arguments |= {draw(st.sampled_from(["num_encoder_layers", "num_decoder_layers"])): 0}
    if _rarely(draw):
        inner = {"type": "TransformerEncoderLayer", **_layer_arguments(draw)}
        arguments["custom_encoder"] = {"type": "TransformerEncoder", "num_layers": 1}
        arguments["custom_encoder"] |= {"encoder_layer": inner}
    if _rarely(draw):
        arguments["custom_decoder"] = {"type": "TransformerDecoderLayer", **_layer_arguments(draw)}
    hints = [draw(st.sampled_from([None, None, *HINTS])) for _ in range(2)]
    hints.append(draw(st.sampled_from(HINTS)))
    return arguments, [*_decoded(draw, layer, first="src"), *hints]
