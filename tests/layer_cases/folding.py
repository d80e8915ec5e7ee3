"""Windows as columns, unpooling, fractional pooling: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import DTYPES, Case, Draw, along, case, flags, image, some

sizes = st.sampled_from([1, 2, 3, 4, 5])
often = st.sampled_from(["float32"] * 8 + DTYPES)


def _window(draw: Draw, spatial: int) -> dict[str, Any]:
    return {"kernel_size": draw(along(st.sampled_from([1, 2, 3, 0]), spatial))} | some(
        draw,
        dilation=along(st.sampled_from([1, 2, 0]), spatial),
        padding=along(st.sampled_from([0, 1, 2, -1]), spatial),
        stride=along(st.sampled_from([1, 2, 3, 0]), spatial),
    )


@case("Unfold")
def _unfold(draw: Draw, spatial: int) -> Case:
    return _window(draw, 2), [image(draw, 2, draw(st.integers(0, 3)))]


@case("Fold")
def _fold(draw: Draw, spatial: int) -> Case:
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    target = draw(st.tuples(sizes, sizes | st.just(0)))
    places = [max(size - side + 1, 0) for size, side in zip(target, kernel, strict=True)]
    arguments: dict[str, Any] = {"output_size": list(target), "kernel_size": list(kernel)}
    if draw(st.integers(0, 3)) == 0:
        arguments |= _window(draw, 2)
    columns = draw(st.sampled_from([1, 2, 0])) * kernel[0] * kernel[1]
    columns += draw(st.sampled_from([0] * 8 + [1]))
    seen = places[0] * places[1] + draw(st.sampled_from([0] * 8 + [1]))
    batch = draw(st.sampled_from([(), (1,), (2,), (0,), (2, 2)]))
    return arguments, [((*batch, columns, seen), draw(often))]


@case("MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d")
def _max_unpool(draw: Draw, spatial: int) -> Case:
    arguments = {"kernel_size": draw(along(st.sampled_from([1, 2, 3, 4]), spatial))} | some(
        draw,
        stride=along(st.sampled_from([1, 2, 3]), spatial) | st.none(),
        padding=along(st.sampled_from([0, 1, 2]), spatial),
    )
    shape, dtype = image(draw, spatial, draw(st.integers(0, 3)))
    other = shape if draw(st.integers(0, 9)) else (*shape[:-1], shape[-1] + 1)
    indices = draw(st.sampled_from(["int64"] * 8 + ["int32", "float32"]))
    return arguments, [(shape, dtype), (other, indices)]


@case("FractionalMaxPool2d", "FractionalMaxPool3d")
def _fractional(draw: Draw, spatial: int) -> Case:
    ratios = st.sampled_from([0.5, 0.3, 0.9, 0.25, 1.0, 0.0])
    arguments: dict[str, Any] = {
        "kernel_size": draw(along(st.sampled_from([1, 2, 3, 0]), spatial)),
        "return_indices": draw(flags),
    }
    arguments |= draw(
        st.fixed_dictionaries({"output_size": along(sizes, spatial)})
        | st.fixed_dictionaries({"output_ratio": along(ratios, spatial)})
        | st.fixed_dictionaries({"output_size": st.just(2), "output_ratio": st.just(0.5)})
        | st.just({})
    )
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)), draw(often))]
