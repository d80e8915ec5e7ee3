"""Rounding as quantization does: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw

from op_calls.base import Call, a_tensor, call
from specc.spec.tensor.type import TensorType

bounds = st.sampled_from([(0, 255), (0, 255), (-128, 127), (0, 0), (3, 1)])
shapes_of_one = st.sampled_from([(), (1,), (1, 1), (2,)])
dtypes = st.sampled_from(DTYPES)


@call
def _fake_quantized(draw: Draw) -> Call:
    tensor = a_tensor(draw, most=3, dtype=draw(dtypes))
    # A tensor of ones is a zero point of 1, legal where the bounds allow it.
    scale: Any = draw(st.sampled_from([0.1, 0.0, 2]))
    zero_point: Any = draw(st.integers(-1, 4))
    if draw(st.booleans()):
        scale = TensorType.of(draw(shapes_of_one), "float32")
        zero_point = TensorType.of(draw(shapes_of_one), "int32")
    name = "fake_quantize_per_tensor_affine"
    return name, [tensor, scale, zero_point, *draw(bounds)], {}


@call
def _fake_quantized_by_channel(draw: Draw) -> Call:
    tensor = a_tensor(draw, most=3, dtype=draw(dtypes))
    axis = draw(st.integers(-1, 2))
    size = tensor.shape[axis] if -tensor.rank <= axis < tensor.rank else 1
    scale = TensorType.of((size,), draw(st.sampled_from(["float32", "float32", "float64"])))
    zero_point = TensorType.of(
        draw(st.sampled_from([(size,), (size,), (2,), ()])),
        draw(st.sampled_from(["int32", "int32", "float32", "float16", "int64"])),
    )
    name = "fake_quantize_per_channel_affine"
    low, high = draw(bounds.filter(lambda pair: pair != (0, 0)))
    return name, [tensor, scale, zero_point, axis, low, high], {}
