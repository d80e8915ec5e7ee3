"""Choosing, scattering and masking: calls, legal and illegal; all tensors hold zeros."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, shapes, some

from op_calls.base import Call, a_tensor, call, dims
from op_calls.movement import near_shape
from specc.spec.tensor.dtype import DType
from specc.spec.tensor.type import TensorType

indices = st.sampled_from(["int64"] * 8 + ["int32", "int16", "float32"])
values = st.sampled_from([1, 2.5, True, -1, 300, -300, float("inf"), 1e300])
of_values: st.SearchStrategy[Any] = values | st.builds(
    TensorType.of, st.sampled_from([(), (), (1,)]), st.sampled_from(DTYPES)
)
REDUCTIONS = ["sum", "prod", "mean", "amax", "amin", "add"]


def pair(draw: Draw, least: int = 0, most: int = 3) -> tuple[tuple[int, ...], DType]:
    return draw(shapes(least, most)), draw(st.sampled_from(DTYPES))


def mostly(draw: Draw, dtype: DType) -> DType:
    """The element type, or seldom another one."""
    return dtype if draw(st.integers(0, 7)) else draw(st.sampled_from(DTYPES))


def smaller(draw: Draw, shape: tuple[int, ...], slack: int = 0) -> tuple[int, ...]:
    """A shape that fits into another one, with `slack` sometimes not."""
    return tuple(draw(st.integers(0, size + slack)) for size in shape)


@call
def _scatter(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    index = smaller(draw, shape, draw(st.sampled_from([0, 0, 1])))
    names = ["scatter", "scatter", "scatter_add", "scatter_reduce"]
    name = draw(st.sampled_from(names))
    source = TensorType.of(near_shape(draw, shape), mostly(draw, dtype))
    place = draw(st.integers(-len(shape) - 1, max(len(shape), 1)))
    args: list[Any] = [TensorType.of(shape, dtype), place, TensorType.of(index, draw(indices))]
    if name == "scatter_reduce":
        args += [source, draw(st.sampled_from(REDUCTIONS))]
        return name, args, some(draw, include_self=flags)
    if name == "scatter_add":
        return name, [*args, source], {}
    named: dict[str, Any] = some(draw, reduce=st.sampled_from(["add", "multiply", "mean"]))
    how = draw(st.sampled_from(["src by place", "number by place", "src", "value", "none"]))
    given = draw(values)
    args += {"src by place": [source], "number by place": [given]}.get(how, [])
    named |= {"src": {"src": draw(st.sampled_from([source, source, 1.0]))}}.get(how, {})
    named |= {"value": {"value": given}}.get(how, {})
    return name, args, named


@call
def _index_slices(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    place = draw(st.integers(-1, max(len(shape) - 1, 0)))
    count = draw(st.integers(0, 3))
    source = list(near_shape(draw, shape))
    if source and place < len(source):
        source[place] = count
    if draw(st.integers(0, 7)) == 0:
        source = source[1:]
    index = draw(st.sampled_from([(count,), (count,), (), (1,), (count, 1)]))
    name = draw(st.sampled_from(["index_add", "index_copy", "index_reduce"]))
    args: list[Any] = [
        TensorType.of(shape, dtype),
        place,
        TensorType.of(index, draw(indices)),
        TensorType.of(source, mostly(draw, dtype)),
    ]
    if name == "index_reduce":
        args.append(draw(st.sampled_from(REDUCTIONS)))
        return name, args, some(draw, include_self=flags)
    alpha = st.sampled_from([1, 2.5, True, -1])
    return name, args, some(draw, alpha=alpha) if name == "index_add" else {}


@call
def _filled(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    tensor = TensorType.of(shape, dtype)
    name = draw(st.sampled_from(["index_fill", "fill", "masked_fill"]))
    if name == "fill":
        return name, [tensor, draw(of_values)], {}
    if name == "masked_fill":
        mask = TensorType.of(near_shape(draw, shape), mostly(draw, "bool"))
        return name, [tensor, mask, draw(of_values)], {}
    index = TensorType.of(draw(st.sampled_from([(2,), (), (0,), (1, 1)])), draw(indices))
    return name, [tensor, draw(dims), index, draw(of_values)], {}


@call
def _put(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    places = draw(shapes(most=2))
    source = TensorType.of(near_shape(draw, places[::-1]), mostly(draw, dtype))
    args = [TensorType.of(shape, dtype), TensorType.of(places, draw(indices)), source]
    return "put", args, some(draw, accumulate=flags)


@call
def _index_put(draw: Draw) -> Call:
    shape, dtype = pair(draw, 1)
    mask_rank = draw(st.integers(0, len(shape)))
    chosen: list[TensorType] = []
    if draw(st.integers(0, 2)) == 0:
        kind = draw(st.sampled_from(["bool", "uint8"]))
        chosen.append(TensorType.of(near_shape(draw, shape[:mask_rank]), kind))
    else:
        forms = st.sampled_from([(2,), (2,), (1,), (), (3, 1), (3,)])
        count = draw(st.integers(0, len(shape)))
        chosen += [TensorType.of(draw(forms), draw(indices)) for _ in range(count)]
    fitting = st.sampled_from([(), (1,), shape[1:], (2, *shape[1:]), (1, *shape[1:]), (1, 1), (2,)])
    put = TensorType.of(draw(fitting), mostly(draw, dtype))
    named = some(draw, accumulate=flags)
    return "index_put", [TensorType.of(shape, dtype), chosen, put], named


@call
def _taken(draw: Draw) -> Call:
    tensor = a_tensor(draw, most=3)
    name = draw(st.sampled_from(["take", "take_along_dim", "take_along_dim", "gather"]))
    shape = tuple(int(size) for size in tensor.shape)
    index = TensorType.of(near_shape(draw, shape), draw(indices))
    if name == "take":
        return name, [tensor, index], {}
    if name == "gather":
        return name, [tensor, draw(dims), index], some(draw, sparse_grad=flags)
    return name, [tensor, index], some(draw, dim=dims)


@call
def _masked_scatter(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    mask = TensorType.of(near_shape(draw, shape), mostly(draw, "bool"))
    # A mask that is true everywhere needs as many elements.
    source = TensorType.of((700,), mostly(draw, dtype))
    return "masked_scatter", [TensorType.of(shape, dtype), mask, source], {}


@call
def _into_views(draw: Draw) -> Call:
    shape, dtype = pair(draw)
    tensor = TensorType.of(shape, dtype)
    name = draw(st.sampled_from(["select_scatter", "slice_scatter", "diagonal_scatter"]))
    if name == "select_scatter":
        place = draw(dims)
        kept = [size for i, size in enumerate(shape) if i != place % max(len(shape), 1)]
        src = TensorType.of(near_shape(draw, tuple(kept)), mostly(draw, dtype))
        return name, [tensor, src, place, draw(dims)], {}
    if name == "slice_scatter":
        place, start, end = draw(dims), draw(st.integers(0, 2)), draw(st.integers(0, 3))
        cut = list(shape)
        if -len(shape) <= place < len(shape):
            cut[place] = len(range(cut[place])[start:end])
        src = TensorType.of(near_shape(draw, tuple(cut)), mostly(draw, dtype))
        return name, [tensor, src, place, start, end], some(draw, step=st.integers(0, 2))
    offset = draw(st.integers(-2, 2))
    length = min(shape[0] + min(offset, 0), shape[1] - max(offset, 0)) if len(shape) > 1 else 1
    src = TensorType.of(near_shape(draw, (*shape[2:], max(length, 0))), mostly(draw, dtype))
    return name, [tensor, src], {"offset": offset} | some(draw, dim1=dims)


@call
def _into_strided(draw: Draw) -> Call:
    size = draw(st.sampled_from([(2,), (2, 2), (1,), ()]))
    src = TensorType.of(near_shape(draw, size), draw(st.sampled_from(DTYPES)))
    stride = draw(st.lists(st.integers(1, 3), min_size=len(size), max_size=len(size)))
    args = [a_tensor(draw, most=3), src, list(size), stride]
    return "as_strided_scatter", args, some(draw, storage_offset=st.integers(-1, 2))


@call
def _nonzero_static(draw: Draw) -> Call:
    arguments = some(draw, size=st.integers(-1, 4), fill_value=st.integers(-2, 2))
    return "nonzero_static", [a_tensor(draw, most=3)], arguments


@call
def _unravelled(draw: Draw) -> Call:
    whole = st.sampled_from(["int64", "int32", "uint8", "int16", "float32", "bool"])
    sizes = st.integers(-1, 4) | st.lists(st.sampled_from([1, 2, 3, 2, 0]), max_size=3)
    return "unravel_index", [a_tensor(draw, most=2, dtype=draw(whole)), draw(sizes)], {}
