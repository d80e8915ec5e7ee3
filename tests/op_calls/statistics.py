"""Quantiles, covariance, histograms, differences and integrals: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, some

from op_calls.base import Call, a_tensor, call, dims, lists_of_dims
from op_calls.reductions import ORDERS, of_any_type
from specc.spec.tensor.type import TensorType

floats = st.sampled_from(["float32"] * 4 + ["float64", "float16", "int64"])
bounds = st.sampled_from([0, 1, -1.5, 1, 3, 1e39, float("inf"), float("nan")])
steps = st.sampled_from([1, 0.5, -2.0, 0])


@call
def _quantile(draw: Draw) -> Call:
    tensor = a_tensor(draw, dtype=draw(floats))
    shares = a_tensor(draw, most=2, dtype=draw(st.sampled_from([tensor.dtype, "float32"])))
    q = draw(st.sampled_from([shares, shares, 0.5, 0, 1, 1.5, float("nan")]))
    modes = st.sampled_from(["linear", "lower", "higher", "midpoint", "nearest", "x"])
    arguments = some(draw, dim=dims | st.none(), keepdim=flags, interpolation=modes)
    return draw(st.sampled_from(["quantile", "nanquantile"])), [tensor, q], arguments


@call
def _dist(draw: Draw) -> Call:
    tensor = of_any_type(draw, most=3)
    other = tensor.with_shape(tensor.shape[draw(st.integers(0, 1)) :])
    other = draw(st.sampled_from([other, of_any_type(draw, most=3)]))
    return "dist", [tensor, other], some(draw, p=st.sampled_from(ORDERS))


@call
def _cov(draw: Draw) -> Call:
    tensor = of_any_type(draw, most=3)
    count = tensor.shape[-1] if tensor.rank else 1
    arguments = some(draw, correction=st.integers(-1, 2))
    for name, dtypes in (("fweights", ["int64", "int32", "bool"]), ("aweights", DTYPES)):
        shape = draw(st.sampled_from([(count,), (count,), (), (2,), (1, count)]))
        weights = TensorType.of(shape, draw(st.sampled_from(dtypes)))
        arguments |= some(draw, **{name: st.just(weights)})
    return "cov", [tensor], arguments


@call
def _histc(draw: Draw) -> Call:
    arguments = some(draw, bins=st.integers(-1, 4), min=bounds, max=bounds)
    return "histc", [of_any_type(draw)], arguments


@call
def _histogram(draw: Draw) -> Call:
    tensor = a_tensor(draw, dtype=draw(floats))
    edges = a_tensor(draw, most=2, dtype=draw(st.sampled_from([tensor.dtype, "float32"])))
    weights = draw(st.sampled_from([tensor, tensor, tensor.with_dtype("float64"), edges]))
    bins = draw(st.sampled_from([1, 4, 0, edges, edges]))
    arguments = some(
        draw,
        range=st.lists(bounds, min_size=2, max_size=2) | st.lists(bounds, max_size=3) | st.none(),
        weight=st.just(weights),
        density=flags,
    )
    return "histogram", [tensor, bins], arguments


@call
def _histogram_of_points(draw: Draw) -> Call:
    tensor = a_tensor(draw, least=1, dtype=draw(floats))
    width = int(tensor.shape[-1])
    edges = TensorType.of((draw(st.integers(0, 3)),), tensor.dtype)
    one = draw(st.sampled_from([edges, 1, 2, 0]))
    many = [one] * draw(st.sampled_from([width, width, width + 1]))
    bins = draw(st.sampled_from([2, many]))
    points = tensor.with_shape(tensor.shape[:-1])
    ranges = [0, 1] * width
    arguments = some(
        draw,
        range=st.sampled_from([ranges, ranges, ranges[::-1], [0, 1, 0]]),
        weight=st.sampled_from([points, points, tensor, points.with_dtype("float64")]),
        density=flags,
    )
    return "histogramdd", [tensor, bins], arguments


@call
def _diff(draw: Draw) -> Call:
    tensor = of_any_type(draw, most=3)
    place = draw(st.integers(0, 2))
    ends: dict[str, Any] = {}
    for name in ("prepend", "append"):
        shape = list(tensor.shape)
        if place < len(shape):
            shape[place] = draw(st.sampled_from([1, 2, 0]))
        end = TensorType.of(shape, draw(st.sampled_from(DTYPES)))
        ends |= some(draw, **{name: st.sampled_from([end, end, of_any_type(draw, most=2)])})
    dim = place if ends else draw(dims)
    return "diff", [tensor], ends | some(draw, n=st.integers(-1, 4)) | {"dim": dim}


@call
def _trapezoid(draw: Draw) -> Call:
    name = draw(st.sampled_from(["trapezoid", "trapz", "cumulative_trapezoid"]))
    y = of_any_type(draw, most=3)
    dim = draw(st.integers(-2, 2))
    arguments = some(draw, dim=st.just(dim))
    if draw(flags):
        return name, [y], arguments | some(draw, dx=steps)
    along = y.shape[arguments.get("dim", -1)] if -y.rank <= dim < y.rank else 2
    points = [(along,), y.shape[1:], y.shape, (2, *y.shape), draw(st.sampled_from([(), (3,)]))]
    x = TensorType.of(draw(st.sampled_from(points)), draw(st.sampled_from(DTYPES)))
    return name, [y, x], arguments | ({} if draw(st.integers(0, 5)) else {"dx": 1})


@call
def _gradient(draw: Draw) -> Call:
    tensor = of_any_type(draw, most=3)
    chosen = some(draw, dim=dims | lists_of_dims | st.none())
    dim = chosen.get("dim")
    count = tensor.rank if dim is None else len(dim) if isinstance(dim, list) else 1
    points = TensorType.of((draw(st.integers(1, 4)),), draw(st.sampled_from(DTYPES)))
    lengths = st.sampled_from([count, count, count, 1])
    spacings = st.one_of(steps, st.just([0.5] * draw(lengths)), st.just([points] * draw(lengths)))
    arguments = some(draw, spacing=spacings, edge_order=st.sampled_from([1, 2, 1, 3]))
    return "gradient", [tensor], chosen | arguments
