"""Resizing: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import Case, Draw, along, case, flags, image, some


def _resized(draw: Draw, spatial: int) -> dict[str, Any]:
    sizes = st.sampled_from([1, 2, 5, 0])
    factors = st.sampled_from([2, 2.0, 0.5, 1.7, 0.3, 0, -1.0])
    return some(draw, size=along(sizes, spatial)) or {"scale_factor": draw(along(factors, spatial))}


@case("Upsample")
def _upsample(draw: Draw, spatial: int) -> Case:
    spatial = draw(st.sampled_from([1, 2, 3]))
    modes = ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact", "x"]
    arguments = _resized(draw, spatial) | some(
        draw,
        mode=st.sampled_from(modes),
        align_corners=flags,
        recompute_scale_factor=flags,
    )
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("UpsamplingNearest2d", "UpsamplingBilinear2d")
def _upsampling(draw: Draw, spatial: int) -> Case:
    return _resized(draw, 2), [image(draw, 2, draw(st.integers(0, 3)))]
