"""Products of vectors and matrices, integrals: calls, legal and illegal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, shapes, some

from op_calls.base import Call, call, dims
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType

every_dtype = st.sampled_from(DTYPES)
usual_dtype = st.sampled_from(["float32", "float32", "float32", "int64", "bool", "complex64"])
small = st.lists(st.sampled_from([2, 3, 1, 2]), max_size=3)
numbers = st.sampled_from(
    [0, 1, -1, 2.5, True, 300, 70000.0, 1e39, 1e300, 2**40, float("inf"), float("nan"), 0.0]
)


@call
def _vectors(draw: Draw) -> Call:
    name = draw(st.sampled_from(["inner", "vdot", "dot", "outer", "ger", "kron", "linalg_vecdot"]))
    dtype = draw(usual_dtype)
    sizes = small if name in ("inner", "kron", "linalg_vecdot") else small.map(lambda s: s[:1])
    first, second = TensorType.of(draw(sizes), dtype), TensorType.of(draw(sizes), dtype)
    if draw(st.integers(0, 5)) == 0:
        second = second.with_dtype(draw(usual_dtype))
    return name, [first, second], some(draw, dim=dims) if name == "linalg_vecdot" else {}


@call
def _cross(draw: Draw) -> Call:
    name = draw(st.sampled_from(["cross", "linalg_cross"]))
    dtype = draw(usual_dtype)
    threes = st.lists(st.sampled_from([3, 3, 3, 2, 1]), max_size=3)
    shape = draw(threes)
    second = shape if draw(st.booleans()) else draw(threes)
    return name, [TensorType.of(shape, dtype), TensorType.of(second, dtype)], some(draw, dim=dims)


ADDED = {
    "addmm": ((2, 4), (2, 3), (3, 4)),
    "addmv": ((2,), (2, 3), (3,)),
    "addr": ((2, 3), (2,), (3,)),
    "addbmm": ((2, 4), (5, 2, 3), (5, 3, 4)),
    "baddbmm": ((5, 2, 4), (5, 2, 3), (5, 3, 4)),
}


@call
def _added_products(draw: Draw) -> Call:
    name = draw(st.sampled_from(sorted(ADDED)))
    dtype = draw(every_dtype)
    tensors: list[Any] = []
    for place, shape in enumerate(ADDED[name]):
        kept = draw(st.integers(0, len(shape))) if place == 0 else 0
        sizes = [size if draw(st.integers(0, 19)) else 1 for size in shape[kept:]]
        tensors.append(
            TensorType.of(sizes, draw(usual_dtype) if draw(st.integers(0, 14)) == 0 else dtype)
        )
    return name, tensors, some(draw, alpha=numbers, beta=numbers)


@call
def _tensordot(draw: Draw) -> Call:
    pairs = st.lists(st.lists(dims, max_size=2), min_size=2, max_size=2)
    first = draw(small)
    second = draw(st.sampled_from([first, first[::-1], draw(small)]))
    dtype = draw(usual_dtype)
    chosen = some(draw, dims=st.integers(-1, 3) | pairs | st.just([[0, 1], [1, 0]]))
    return "tensordot", [TensorType.of(first, dtype), TensorType.of(second, dtype)], chosen


@call
def _chain(draw: Draw) -> Call:
    sizes = draw(st.lists(st.sampled_from([2, 3, 4, 5]), min_size=2, max_size=6))
    dtype = draw(usual_dtype)
    matrices = [TensorType.of(pair, dtype) for pair in pairwise(sizes)]
    if draw(st.integers(0, 4)) == 0:
        matrices[0] = matrices[0].with_shape(matrices[0].shape[1:])
    if draw(st.integers(0, 4)) == 0:
        matrices[-1] = matrices[-1].with_shape(matrices[-1].shape[:1])
    if draw(st.integers(0, 7)) == 0:
        matrices.append(TensorType.of(draw(small)))
    if draw(st.booleans()):
        return "linalg_multi_dot", [matrices], {}
    return "chain_matmul", matrices, {}


@call
def _block_diag(draw: Draw) -> Call:
    pieces = st.builds(TensorType.of, small.filter(lambda s: len(s) < 3) | small, every_dtype)
    return "block_diag", draw(st.lists(pieces, max_size=3)), {}


@call
def _pairs(draw: Draw) -> Call:
    arguments = some(draw, p=st.sampled_from([0, 1.0, 2, -1, float("inf"), float("nan")]))
    points = draw(st.sampled_from([(3, 2), (1, 4), (2, 1), (5, 3)]) | shapes(most=3))
    dtype = draw(st.sampled_from(["float32", "float64"]) | every_dtype)
    return "pdist", [TensorType.of(points, dtype)], arguments
