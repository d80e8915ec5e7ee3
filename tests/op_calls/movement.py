"""Views, copies of views, splitting, joining and repeating: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, shapes, some

from op_calls.base import Call, a_tensor, call, dims, lists_of_dims
from specc.spec.tensor.type import TensorType

small = st.integers(-1, 4)
sizes = st.lists(st.sampled_from([1, 2, 3, 0, -1, 2]), max_size=4)
strides = st.lists(st.sampled_from([0, 1, 2, 3, -1]), max_size=3)


def of_any_type(draw: Draw, least: int = 0, most: int = 3) -> TensorType:
    return a_tensor(draw, least, most, draw(st.sampled_from(DTYPES)))


def near_shape(draw: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape, or one that differs from it in one place."""
    if not shape or draw(st.integers(0, 2)):
        return shape
    place = draw(st.integers(0, len(shape) - 1))
    return (*shape[:place], draw(st.sampled_from([1, 2, shape[place] + 1])), *shape[place + 1 :])


@call
def _of_one_tensor(draw: Draw) -> Call:
    names = ["ravel", "fliplr", "flipud", "adjoint", "t_copy", "alias_copy", "detach_copy"]
    names += ["view_as_real", "view_as_real_copy", "squeeze_copy", "combinations", "diagflat"]
    return draw(st.sampled_from(names)), [of_any_type(draw)], {}


@call
def _parts(draw: Draw) -> Call:
    name = draw(st.sampled_from(["view_as_complex", "view_as_complex_copy"]))
    dtype = draw(st.sampled_from(["float32", "float64", "float32", "float16", "int64"]))
    shape = (*draw(shapes(most=2)), draw(st.sampled_from([2, 2, 1, 3])))
    return name, [TensorType.of(draw(st.sampled_from([shape, ()])), dtype)], {}


@call
def _windows(draw: Draw) -> Call:
    name = draw(st.sampled_from(["method_unfold", "unfold_copy"]))
    return name, [a_tensor(draw, most=3), draw(dims), draw(small), draw(st.integers(0, 3))], {}


@call
def _strided(draw: Draw) -> Call:
    name = draw(st.sampled_from(["as_strided", "as_strided_copy"]))
    length = draw(st.integers(0, 3))
    size = draw(st.lists(st.sampled_from([1, 2, 3, 0]), min_size=length, max_size=length))
    arguments = some(draw, storage_offset=st.integers(-1, 3))
    return name, [a_tensor(draw, most=3), size, draw(strides)[:length]], arguments


@call
def _diagonals(draw: Draw) -> Call:
    name, most = draw(st.sampled_from([("diag", 3), ("diag_embed", 3), ("diagonal_copy", 4)]))
    named = {"diagonal": dims} if name == "diag" else {"offset": dims, "dim1": dims, "dim2": dims}
    return name, [a_tensor(draw, most=most)], some(draw, **named)


@call
def _places(draw: Draw) -> Call:
    names = ["swapdims", "moveaxis", "transpose_copy", "select_copy", "unsqueeze_copy"]
    name = draw(st.sampled_from([*names, "unbind_copy", "squeeze_copy"]))
    count = 2 if name in names[:4] else 1
    return name, [a_tensor(draw), *(draw(dims) for _ in range(count))], {}


@call
def _several_places(draw: Draw) -> Call:
    name = draw(st.sampled_from(["moveaxis", "movedim"]))
    given = [draw(lists_of_dims), draw(lists_of_dims | dims)]
    return name, [a_tensor(draw), *given], {}


@call
def _reordered(draw: Draw) -> Call:
    tensor = a_tensor(draw)
    order = draw(st.permutations(range(tensor.rank))) if draw(flags) else draw(lists_of_dims)
    return "permute_copy", [tensor, tuple(order)], {}


@call
def _turned(draw: Draw) -> Call:
    arguments = some(draw, k=st.integers(-5, 5), dims=st.lists(dims, min_size=1, max_size=3))
    return "rot90", [a_tensor(draw)], arguments


@call
def _same_elements(draw: Draw) -> Call:
    name = draw(st.sampled_from(["reshape_as", "view_as"]))
    shape = st.sampled_from([(2, 3), (6,), (3, 2), (1, 6), (2, 2), (), (1,)])
    return name, [TensorType.of(draw(shape)), TensorType.of(draw(shape), "int64")], {}


@call
def _reread(draw: Draw) -> Call:
    name = draw(st.sampled_from(["view", "view_copy"]))
    tensor = of_any_type(draw)
    return name, [tensor], {"dtype": draw(st.sampled_from(DTYPES))}


@call
def _tiled(draw: Draw) -> Call:
    return "tile", [a_tensor(draw, most=3), draw(sizes)], {}


@call
def _expanded_copy(draw: Draw) -> Call:
    return "expand_copy", [a_tensor(draw, most=3), draw(sizes)], some(draw, implicit=flags)


@call
def _interleaved(draw: Draw) -> Call:
    tensor = a_tensor(draw, most=3)
    counts = st.builds(
        TensorType.of,
        st.sampled_from([(), (1,), *((int(size),) for size in tensor.shape), (1, 1)]),
        st.sampled_from(["int64", "int32", "float32"]),
    )
    place = draw(st.sampled_from([None, *range(-tensor.rank, tensor.rank), 0, 4]))
    inside = place is not None and -tensor.rank <= place < tensor.rank
    length = int(tensor.shape[place] if inside else tensor.numel())
    repeats = draw(counts | small)
    arguments: dict[str, Any] = {} if place is None else {"dim": place}
    if isinstance(repeats, TensorType):
        # Torch compares this with the sum of repeats, which are all one.
        arguments["output_size"] = length
        if repeats.rank == 0 or repeats.shape[0] == 1 != length:
            repeats = draw(small)
            del arguments["output_size"]
    return "repeat_interleave", [tensor, repeats], arguments


@call
def _pieces(draw: Draw) -> Call:
    names = ["method_split", "unsafe_split", "split_copy", "split_with_sizes", "unsafe_chunk"]
    names += ["unsafe_split_with_sizes", "split_with_sizes_copy", "tensor_split"]
    name = draw(st.sampled_from(names))
    sections = small | st.lists(st.integers(-1, 3), max_size=3)
    return name, [a_tensor(draw), draw(sections)], some(draw, dim=dims)


@call
def _cuts(draw: Draw) -> Call:
    name = draw(st.sampled_from(["hsplit", "vsplit", "dsplit"]))
    return name, [a_tensor(draw), draw(small | st.lists(st.integers(-4, 4), max_size=3))], {}


@call
def _slices(draw: Draw) -> Call:
    bounds = st.none() | st.integers(-5, 5)
    arguments = some(draw, dim=dims, start=bounds, end=bounds, step=st.integers(-1, 3))
    return "slice_copy", [a_tensor(draw, most=3)], arguments


@call
def _narrowed(draw: Draw) -> Call:
    name = draw(st.sampled_from(["narrow", "narrow_copy"]))
    start: Any = draw(dims)
    if draw(flags):
        start = TensorType.of((), "int64")
        if name == "narrow":
            dtype = draw(st.sampled_from(["int64", "uint8", "float32", "bool"]))
            start = TensorType.of(draw(st.sampled_from([(), (), (1,)])), dtype)
    return name, [a_tensor(draw, most=3), draw(dims), start, draw(small)], {}


@call
def _joined(draw: Draw) -> Call:
    name = draw(st.sampled_from(["dstack", "column_stack", "row_stack", "vstack", "concatenate"]))
    first = draw(shapes(most=4))
    others = [near_shape(draw, first) for _ in range(draw(st.integers(0, 2)))]
    tensors = [TensorType.of(shape, draw(st.sampled_from(DTYPES))) for shape in [first, *others]]
    return name, [tensors], some(draw, axis=dims) if name == "concatenate" else {}


@call
def _any_number(draw: Draw) -> Call:
    names = ["atleast_1d", "atleast_2d", "atleast_3d", "broadcast_tensors", "cartesian_prod"]
    name = draw(st.sampled_from([*names, "meshgrid", "meshgrid", "cartesian_prod"]))
    most = 1 if name in ("meshgrid", "cartesian_prod") else 4
    dtypes = ["float32"] * 4 + ["int64"]
    shape = draw(shapes(most=most))
    tensors: list[Any] = [
        TensorType.of(
            draw(shapes(most=most)) if most == 1 else near_shape(draw, shape),
            draw(st.sampled_from(dtypes)),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    given = [tensors] if draw(st.integers(0, 3)) == 0 else tensors
    indexing = st.sampled_from(["ij", "xy", "yx"])
    return name, given, some(draw, indexing=indexing) if name == "meshgrid" else {}


@call
def _choices(draw: Draw) -> Call:
    arguments = some(draw, r=small, with_replacement=flags)
    return "combinations", [a_tensor(draw, most=2)], arguments
