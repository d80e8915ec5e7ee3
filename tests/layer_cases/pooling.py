"""Pooling: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import Case, Draw, along, case, flags, image, numbers, some


def _windows(draw: Draw, spatial: int) -> dict[str, Any]:
    return {"kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial))} | some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 5, 0]), spatial) | st.none(),
        padding=along(st.sampled_from([0, 1, 2, -1]), spatial),
        ceil_mode=flags,
    )


@case("MaxPool1d", "MaxPool2d", "MaxPool3d")
def _max_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | some(
        draw, dilation=along(st.sampled_from([1, 2, 0]), spatial), return_indices=flags
    )
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("AvgPool1d", "AvgPool2d", "AvgPool3d")
def _avg_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | some(draw, count_include_pad=flags)
    if spatial > 1:
        arguments |= some(draw, divisor_override=st.sampled_from([1, 3, -2, 0, None]))
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("LPPool1d", "LPPool2d", "LPPool3d")
def _lp_pool(draw: Draw, spatial: int) -> Case:
    arguments = _windows(draw, spatial) | {"norm_type": draw(numbers)}
    arguments.pop("padding", None)
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]


@case("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d")
def _adaptive_avg(draw: Draw, spatial: int) -> Case:
    return _adaptive(draw, spatial)


@case("AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d")
def _adaptive_max(draw: Draw, spatial: int) -> Case:
    arguments, inputs = _adaptive(draw, spatial)
    return arguments | some(draw, return_indices=flags), inputs


def _adaptive(draw: Draw, spatial: int) -> Case:
    sizes = st.sampled_from([1, 2, 3, 7, 0, None, -1])
    arguments = {"output_size": draw(along(sizes, spatial))}
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]
