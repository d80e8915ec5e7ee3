"""Calls of attention: mostly legal, with one thing wrong in some."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, flags, some

from op_calls.base import Call, call
from specc.spec.tensor.dtype import DType
from specc.spec.tensor.type import TensorType

_FLOATS: list[DType] = ["float32", "float32", "float32", "float32"]
_QUERIES: list[DType] = [*_FLOATS, "float64", "float16", "bfloat16", "complex64", "int64"]
_MASKS: list[DType] = ["bool", "bool", "bool", *_FLOATS, "float64", "float16", "int64"]


def _rarely(draw: Draw) -> bool:
    return bool(draw(st.sampled_from([False] * 30 + [True])))


def _nearly(draw: Draw, shape: tuple[int, ...], dtype: DType) -> TensorType:
    """A tensor of this type; rarely one size, the rank or the dtype is another."""
    sizes = list(shape)
    if _rarely(draw):
        sizes[draw(st.integers(0, len(sizes) - 1))] = draw(st.sampled_from([1, 2, 3, 5]))
    if _rarely(draw):
        sizes = sizes[1:] if draw(flags) else [1, *sizes]
    return TensorType.of(sizes, draw(st.sampled_from(_QUERIES)) if _rarely(draw) else dtype)


@call
def _attention(draw: Draw) -> Call:
    heads = st.sampled_from([(), (2,), (1,), (4,), (2, 4), (1, 4), (2, 2), (3, 1, 4)])
    same = draw(heads)
    leading = [same if draw(st.integers(0, 3)) else draw(heads) for _ in range(3)]
    dtype = draw(st.sampled_from(_QUERIES))
    length, wide = draw(st.sampled_from([3, 5, 1])), draw(st.sampled_from([4, 2]))
    query = _nearly(draw, (*leading[0], 3, 4), dtype)
    key = _nearly(draw, (*leading[1], length, 4), dtype)
    value = _nearly(draw, (*leading[2], length, wide), dtype)
    masks = st.builds(
        TensorType.of,
        st.sampled_from([(3, length), (3, 5), (1, 1, 3, length), (5,), (*same, 3, length)]),
        st.sampled_from(_MASKS),
    )
    arguments = some(
        draw,
        attn_mask=masks,
        is_causal=flags,
        enable_gqa=flags,
        scale=st.sampled_from([0.5, -1.0, 0.0, 2, None]),
    )
    if _rarely(draw):
        arguments["dropout_p"] = draw(st.sampled_from([-1.0, 2.0, 0.5, 1.0]))
    return "scaled_dot_product_attention", [query, key, value], arguments


@call
def _heads(draw: Draw) -> Call:
    dtype: DType = draw(st.sampled_from(["float32"] * 6 + ["float64", "complex64"]))
    heads = draw(st.sampled_from([2, 2, 1, 4, 2, 4, 2, 1, 3, 0]))
    target, source, width = 3, draw(st.sampled_from([3, 5])), 4
    batch = draw(st.sampled_from([(), (2,), (1,)]))
    count = (batch or (1,))[0] * heads
    separate = draw(flags)
    widths = (draw(st.sampled_from([4, 6])), 2) if separate else (4, 4)
    tensors = [
        _nearly(draw, (length, *batch, size), dtype)
        for length, size in ((target, 4), (source, widths[0]), (source, widths[1]))
    ]
    weight = None if separate else _nearly(draw, (3 * width, width), dtype)
    bias = draw(st.none() | st.just(_nearly(draw, (3 * width,), dtype)))
    has_bias, statics = draw(flags), draw(st.sampled_from([False] * 5 + [True]))
    more = [_nearly(draw, (1, 1, width), dtype) if has_bias else None for _ in range(2)]
    out = _nearly(draw, (draw(st.sampled_from([4, 5])), width), dtype)
    kept = _nearly(draw, (out.shape[0].constant or 1,), dtype) if draw(flags) else None
    args = [*tensors, width if not _rarely(draw) else 5, heads, weight, bias, *more]
    args += [draw(flags), draw(st.sampled_from([0.0, 0.5])), out, kept, draw(flags)]
    masks = st.sampled_from([(target, source), (count, target, source)] * 4 + [(5, 5), (3,)])
    paddings = st.sampled_from([(*batch, source)] * 5 + [(source,), (2, 4)])
    keywords: dict[str, Any] = some(
        draw,
        key_padding_mask=st.builds(TensorType.of, paddings, st.sampled_from(_MASKS)),
        need_weights=flags,
        attn_mask=st.builds(TensorType.of, masks, st.sampled_from(_MASKS)),
        average_attn_weights=flags,
    )
    keywords["is_causal"] = draw(st.sampled_from([False, False, False, True]))
    if separate:
        keywords["use_separate_proj_weight"] = True
        for name, size in zip("qkv", (width, *widths), strict=True):
            keywords[f"{name}_proj_weight"] = _nearly(draw, (width, size), dtype)
    if statics:
        length = draw(st.sampled_from([source, 7]))
        for name in ("static_k", "static_v"):
            if draw(st.integers(0, 3)):
                keywords[name] = _nearly(draw, (count, length, width // max(heads, 1)), dtype)
    return "multi_head_attention_forward", args, keywords
