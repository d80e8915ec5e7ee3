"""Linear layers, embedding and dropout: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import (
    CASES,
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


@case("EmbeddingBag")
def _embedding_bag(draw: Draw, spatial: int) -> Case:
    arguments = {"num_embeddings": draw(st.sampled_from([2, 3, 3, 0, -1]))}
    arguments["embedding_dim"] = draw(st.sampled_from([2, 3, 2, 0, -1]))
    arguments |= some(
        draw,
        max_norm=numbers,
        norm_type=numbers,
        scale_grad_by_freq=flags,
        mode=st.sampled_from(["sum", "mean", "max", "min"]),
        sparse=flags,
        include_last_offset=flags,
        padding_idx=st.integers(-4, 3),
    )
    arguments |= floating_arguments(draw)
    shape = draw(st.sampled_from([(2, 3), (2, 3), (4,), (4,), (0, 2), (2, 0), (0,), (), (1, 2, 3)]))
    indices = st.sampled_from(["int64"] * 6 + ["int32", "int16", "bool", "float32"])
    inputs: list[Any] = [(shape, draw(indices))]
    if draw(st.integers(0, 9)) == 0 or (len(shape) == 1 and draw(st.integers(0, 9))):
        inputs.append((draw(st.sampled_from([(2,), (1,), (3,), (0,), (), (2, 2)])), draw(indices)))
    else:
        inputs.append(None)
    if draw(flags):
        other = shape if draw(st.integers(0, 9)) else (3, 2)
        own = draw(st.sampled_from([arguments.get("dtype") or "float32"] * 5 + ["float64"]))
        inputs.append((other, own))
    return arguments, inputs


@case("CosineSimilarity", "PairwiseDistance")
def _distance(draw: Draw, spatial: int) -> Case:
    shape = draw(shapes())
    other = shape if draw(st.integers(0, 3)) else draw(shapes())
    dtypes = st.sampled_from(["float32"] * 4 + DTYPES)
    return some(draw, eps=numbers), [(shape, draw(dtypes)), (other, draw(dtypes))]


for _layer, _own in (
    ("CosineSimilarity", {"dim": st.integers(-3, 3)}),
    ("PairwiseDistance", {"p": numbers, "keepdim": flags}),
):
    CASES[_layer] = st.tuples(CASES[_layer], st.fixed_dictionaries({}, optional=_own)).map(
        lambda both: ({**both[0][0], **both[1]}, both[0][1])
    )
