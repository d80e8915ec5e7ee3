"""Windows as columns, unpooling, sampling between places: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, along, some

from op_calls.base import Call, call
from specc.spec.tensor.dtype import DType
from specc.spec.tensor.type import TensorType

sides = st.sampled_from([3, 4, 5, 2, 1, 0])
most = ["float32"] * 6
dtypes = st.sampled_from([*most, "float64", "float16", "int64", "bool", "complex64"])


def _image(draw: Draw, spatial: int, dtype: DType | None = None) -> TensorType:
    batch = draw(st.sampled_from([(2, 3), (1, 2), (0, 2), (2, 0), (2,), ()]))
    sizes = draw(st.lists(sides, min_size=spatial, max_size=spatial))
    return TensorType.of((*batch, *sizes), dtype or draw(dtypes))


@call
def _unfolded(draw: Draw) -> Call:
    arguments = some(
        draw,
        dilation=along(st.sampled_from([1, 2, 0]), 2),
        padding=along(st.sampled_from([0, 1, -1]), 2),
        stride=along(st.sampled_from([1, 2, 0]), 2),
    )
    kernel = draw(along(st.sampled_from([1, 2, 3]), 2))
    return "unfold", [_image(draw, 2), kernel], arguments


@call
def _folded(draw: Draw) -> Call:
    kernel = (2, draw(st.sampled_from([1, 2])))
    target = draw(st.tuples(sides, sides))
    places = (target[0] // 2) * (target[1] // kernel[1]) + draw(st.sampled_from([0, 0, 0, 1]))
    columns = draw(st.sampled_from([1, 2, 3])) * 2 * kernel[1]
    shape = (*draw(st.sampled_from([(2,), (), (0,)])), columns, places)
    return "fold", [TensorType.of(shape, draw(dtypes)), target, kernel], {"stride": kernel}


@call
def _unpooled(draw: Draw) -> Call:
    spatial = draw(st.sampled_from([1, 2, 3]))
    tensor = _image(draw, spatial)
    indices = tensor.with_dtype("int64" if draw(st.integers(0, 9)) else "int32")
    arguments: dict[str, Any] = some(
        draw,
        stride=st.sampled_from([1, 2, 3, None]),
        padding=st.sampled_from([0, 1]),
        output_size=st.lists(st.integers(2, 10), min_size=spatial, max_size=spatial),
    )
    return f"max_unpool{spatial}d", [tensor, indices, draw(st.sampled_from([2, 3]))], arguments


@call
def _fractionally_pooled(draw: Draw) -> Call:
    spatial = draw(st.sampled_from([2, 3]))
    tensor = _image(draw, spatial)
    samples = TensorType.of((*draw(st.sampled_from([(2, 3), (1, 2)])), spatial), tensor.dtype)
    arguments = some(
        draw,
        output_size=along(st.sampled_from([1, 2, 3]), spatial),
        output_ratio=st.sampled_from([0.5, 0.25, 0.75]),
        return_indices=st.booleans(),
        _random_samples=st.just(samples),
    )
    return f"fractional_max_pool{spatial}d", [tensor, draw(st.sampled_from([1, 2]))], arguments


@call
def _bag(draw: Draw) -> Call:
    shape = draw(st.sampled_from([(2, 3), (4,), (0, 2), (2, 0), (1, 2, 3)]))
    indices: DType = draw(st.sampled_from(["int64", "int32", "float32"]))
    arguments = some(
        draw,
        offsets=st.builds(TensorType.of, st.sampled_from([(2,), (1,), (0,)]), st.just("int64")),
        mode=st.sampled_from(["sum", "mean", "max", "none"]),
        per_sample_weights=st.just(TensorType.of(shape)),
        include_last_offset=st.booleans(),
        padding_idx=st.sampled_from([0, 2, 3, -3, -4]),
        scale_grad_by_freq=st.booleans(),
    )
    return "embedding_bag", [TensorType.of(shape, indices), TensorType.of((3, 2))], arguments


@call
def _grid(draw: Draw) -> Call:
    spatial = draw(st.sampled_from([2, 3]))
    tensor = _image(draw, spatial)
    batch = draw(st.sampled_from([2, 1, 0]))
    last = draw(st.sampled_from([spatial] * 5 + [4]))
    places = draw(st.lists(sides, min_size=spatial, max_size=spatial))
    own = tensor.dtype if draw(st.integers(0, 9)) else "float64"
    grid = TensorType.of((batch, *places, last), own)
    if draw(st.booleans()):
        arguments = some(
            draw,
            mode=st.sampled_from(["bilinear", "nearest", "bicubic", "linear"]),
            padding_mode=st.sampled_from(["zeros", "border", "reflection"]),
            align_corners=st.sampled_from([True, False, None]),
        )
        return "grid_sample", [tensor, grid], arguments
    name = draw(st.sampled_from(["grid_sampler", "grid_sampler_2d", "grid_sampler_3d"]))
    numbers = [draw(st.sampled_from([0, 1, 2, 3])), draw(st.sampled_from([0, 1, 2]))]
    return name, [tensor, grid, *numbers, draw(st.booleans())], {}


@call
def _affine(draw: Draw) -> Call:
    spatial = draw(st.sampled_from([2, 3]))
    size = [
        *draw(st.sampled_from([(2, 3), (1, 1), (0, 2)])),
        *[draw(sides) for _ in range(spatial)],
    ]
    rows = draw(st.sampled_from([size[0]] * 5 + [3]))
    theta = TensorType.of((rows, spatial, spatial + 1), draw(dtypes))
    return "affine_grid", [theta, size], {"align_corners": draw(st.sampled_from([True, False]))}
