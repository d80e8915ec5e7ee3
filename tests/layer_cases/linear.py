"""Linear layers, embedding and dropout: arguments and inputs, legal and illegal."""

from __future__ import annotations

from hypothesis import strategies as st

from layer_cases.base import (
    DTYPES,
    Case,
    Draw,
    case,
    flags,
    floating_arguments,
    numbers,
    shapes,
    some,
)


@case("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
def _dropout(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, p=st.sampled_from([0.1, 0.5, 0, 1, 0.0, 1.0, -0.1, 1.5]))
    return arguments, [(draw(shapes(most=6)), draw(st.sampled_from(DTYPES)))]


@case("Linear")
def _linear(draw: Draw, spatial: int) -> Case:
    width = draw(st.integers(-1, 4))
    arguments = {"in_features": width, "out_features": draw(st.integers(-1, 4))}
    arguments |= some(draw, bias=flags) | floating_arguments(draw)
    last = width if draw(st.integers(0, 9)) else width + 1
    shape = (*draw(shapes(most=3)), *([max(last, 0)] if draw(st.integers(0, 9)) else []))
    return arguments, [(shape, draw(st.sampled_from(DTYPES)))]


@case("Bilinear")
def _bilinear(draw: Draw, spatial: int) -> Case:
    widths = draw(st.tuples(st.integers(0, 3), st.integers(0, 3)))
    arguments = dict(zip(("in1_features", "in2_features"), widths, strict=True))
    arguments["out_features"] = draw(st.integers(-1, 3))
    arguments |= some(draw, bias=flags) | floating_arguments(draw)
    shape = draw(shapes(most=2))
    other = shape if draw(st.integers(0, 5)) else draw(shapes(most=2))
    dtype = draw(st.sampled_from(DTYPES))
    return arguments, [((*shape, widths[0]), dtype), ((*other, widths[1]), dtype)]


@case("Embedding")
def _embedding(draw: Draw, spatial: int) -> Case:
    arguments = {"num_embeddings": draw(st.sampled_from([2, 3, 0, -1]))}
    arguments["embedding_dim"] = draw(st.sampled_from([2, 3, 0, -1]))
    arguments |= some(
        draw,
        padding_idx=st.integers(-4, 3),
        max_norm=numbers,
        norm_type=numbers,
        scale_grad_by_freq=flags,
        sparse=flags,
    )
    dtype = st.sampled_from(["int64", "int64", "int32", "int16", "uint8", "bool", "float32"])
    return arguments | floating_arguments(draw), [(draw(shapes(most=3)), draw(dtype))]
