"""Convolutions: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import Case, Draw, along, case, flags, floating_arguments, image, some


@case("Conv1d", "Conv2d", "Conv3d")
def _conv(draw: Draw, spatial: int) -> Case:
    groups = draw(st.sampled_from([1, 1, 2, 3, 0]))
    channels = draw(st.sampled_from([1, 2, 4, 6, 0]))
    arguments: dict[str, Any] = {
        "in_channels": channels,
        "out_channels": draw(st.sampled_from([2, 6, 3, 1, 0])),
        "kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial)),
    }
    padding = along(st.sampled_from([0, 1, 2, 3, -1]), spatial) | st.sampled_from(
        ["same", "valid", "full"]
    )
    arguments |= some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 0]), spatial),
        padding=padding,
        dilation=along(st.sampled_from([1, 2, 0]), spatial),
        groups=st.just(groups),
        bias=flags,
        padding_mode=st.sampled_from(["zeros", "reflect", "replicate", "circular", "constant"]),
    )
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else None
    return arguments, [image(draw, spatial, channels, dtype or "float32")]


@case("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")
def _conv_transpose(draw: Draw, spatial: int) -> Case:
    channels = draw(st.sampled_from([1, 2, 4, 6, 0]))
    arguments: dict[str, Any] = {
        "in_channels": channels,
        "out_channels": draw(st.sampled_from([2, 6, 3, 1, 0])),
        "kernel_size": draw(along(st.sampled_from([1, 2, 3, 4, 0]), spatial)),
    }
    arguments |= some(
        draw,
        stride=along(st.sampled_from([1, 2, 3, 0]), spatial),
        padding=along(st.sampled_from([0, 1, 2, 3, -1]), spatial),
        output_padding=along(st.sampled_from([0, 1, 2, -1]), spatial),
        groups=st.sampled_from([1, 2, 3, 0]),
        bias=flags,
        dilation=along(st.sampled_from([1, 2, 0]), spatial),
        padding_mode=st.sampled_from(["zeros", "reflect"]),
    )
    arguments |= floating_arguments(draw)
    dtype = arguments.get("dtype") if draw(st.integers(0, 5)) else None
    return arguments, [image(draw, spatial, channels, dtype or "float32")]
