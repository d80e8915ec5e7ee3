"""Normalization: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import (
    DTYPES,
    Case,
    Draw,
    case,
    flags,
    floating_arguments,
    image,
    numbers,
    shapes,
    some,
)


def _features(draw: Draw, spatial: int) -> dict[str, Any]:
    return some(
        draw,
        eps=st.sampled_from([1e-5, 1, 0.0, -1.0]),
        momentum=numbers | st.none(),
        affine=flags,
        track_running_stats=flags,
        bias=flags,
    ) | floating_arguments(draw)


@case(*(f"{kind}Norm{n}d" for kind in ("Batch", "Instance") for n in (1, 2, 3)))
def _norm(draw: Draw, spatial: int) -> Case:
    features = draw(st.sampled_from([3, 1, 0, -1]))
    arguments = {"num_features": features} | _features(draw, spatial)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    if spatial == 1 and draw(flags):
        return arguments, [((draw(st.integers(0, 3)), max(features, 0)), dtype or "float32")]
    return arguments, [image(draw, spatial, features, dtype or "float32")]


@case("LayerNorm", "RMSNorm")
def _layer_norm(draw: Draw, spatial: int) -> Case:
    ending = draw(shapes(most=2))
    normalized = ending[0] if len(ending) == 1 and draw(flags) else list(ending)
    arguments = {"normalized_shape": normalized} | some(
        draw, eps=st.sampled_from([1e-5, 0.0, -1.0]), elementwise_affine=flags
    )
    arguments |= floating_arguments(draw)
    shape = (*draw(shapes(most=2)), *ending) if draw(st.integers(0, 5)) else draw(shapes())
    dtype: Any = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    return arguments, [(shape, dtype or "float32")]


@case("GroupNorm")
def _group_norm(draw: Draw, spatial: int) -> Case:
    channels = draw(st.sampled_from([4, 6, 1, 0]))
    arguments = {"num_groups": draw(st.sampled_from([1, 2, 3, 4, 0, -1]))}
    arguments |= {"num_channels": channels} | some(draw, affine=flags, bias=flags)
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    return arguments, [image(draw, draw(st.integers(0, 3)), channels, dtype or "float32")]


@case("LocalResponseNorm")
def _local_response_norm(draw: Draw, spatial: int) -> Case:
    arguments = {"size": draw(st.sampled_from([1, 2, 3, 9, 0]))}
    arguments |= some(draw, alpha=numbers, beta=numbers, k=numbers)
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("SyncBatchNorm")
def _sync_batch_norm(draw: Draw, spatial: int) -> Case:
    features = draw(st.sampled_from([3, 1, 0, -1]))
    arguments = {"num_features": features} | _features(draw, spatial)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else "float16"
    return arguments, [image(draw, draw(st.integers(0, 3)), features, dtype or "float32")]


@case("CrossMapLRN2d")
def _cross_map(draw: Draw, spatial: int) -> Case:
    arguments = {"size": draw(st.sampled_from([1, 2, 3, 9, 0]))}
    arguments |= some(draw, alpha=numbers, beta=numbers, k=numbers)
    return arguments, [image(draw, 2, draw(st.integers(0, 3)))]
