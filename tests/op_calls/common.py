"""Joining, reshaping, convolution and others: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, flags, shapes, some

from op_calls.base import Call, a_tensor, call, dims, lists_of_dims
from specc.spec.tensor.type import TensorType


@call
def _reshape(draw: Draw) -> Call:
    name = draw(st.sampled_from(["reshape", "view"]))
    sizes = st.lists(st.sampled_from([1, 2, 3, 4, 6, -1, -1, 0, 12, -2]), max_size=4)
    shape = draw(st.lists(st.sampled_from([1, 2, 3, 4, 0]), max_size=3))
    return name, [TensorType.of(shape), draw(sizes)], {}


@call
def _flatten(draw: Draw) -> Call:
    return "flatten", [a_tensor(draw)], some(draw, start_dim=dims, end_dim=dims)


@call
def _two_dims(draw: Draw) -> Call:
    name = draw(st.sampled_from(["transpose", "swapaxes", "movedim"]))
    return name, [a_tensor(draw), draw(dims), draw(dims)], {}


@call
def _permute(draw: Draw) -> Call:
    tensor = a_tensor(draw)
    order = draw(st.permutations(range(tensor.rank))) if draw(flags) else draw(lists_of_dims)
    return "permute", [tensor, tuple(order)], {}


@call
def _one_dim(draw: Draw) -> Call:
    name = draw(st.sampled_from(["unsqueeze", "squeeze", "unbind", "softmax", "glu", "logsumexp"]))
    return name, [a_tensor(draw), draw(dims)], {}


@call
def _plain(draw: Draw) -> Call:
    name = draw(st.sampled_from(["squeeze", "t", "tril", "triu", "trace"]))
    return name, [a_tensor(draw)], {}


@call
def _expand(draw: Draw) -> Call:
    name = draw(st.sampled_from(["expand", "repeat"]))
    sizes = draw(st.lists(st.sampled_from([1, 2, 3, -1, 0]), max_size=5))
    return name, [a_tensor(draw, most=3), sizes], {}


@call
def _expand_as(draw: Draw) -> Call:
    return "expand_as", [a_tensor(draw, most=3), a_tensor(draw)], {}


@call
def _flip(draw: Draw) -> Call:
    return "flip", [a_tensor(draw), draw(lists_of_dims)], {}


@call
def _roll(draw: Draw) -> Call:
    return (
        "roll",
        [a_tensor(draw), draw(dims | lists_of_dims)],
        some(draw, dims=dims | lists_of_dims),
    )


def several(draw: Draw) -> list[TensorType]:
    first = draw(shapes(most=3))
    changed = draw(st.integers(0, 3))
    others = [
        tuple(
            draw(st.sampled_from([size, 2])) if place == changed else size
            for place, size in enumerate(first)
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    dtypes = st.sampled_from(["float32", "float16", "int64", "bool"])
    return [TensorType.of(shape, draw(dtypes)) for shape in [first, *others]]


@call
def _join(draw: Draw) -> Call:
    name = draw(st.sampled_from(["cat", "stack", "concat"]))
    return name, [several(draw)], some(draw, dim=dims)


@call
def _split(draw: Draw) -> Call:
    sections = st.integers(-1, 4) | st.lists(st.integers(-1, 3), max_size=3)
    return "split", [a_tensor(draw), draw(sections)], some(draw, dim=dims)


@call
def _chunk(draw: Draw) -> Call:
    return "chunk", [a_tensor(draw), draw(st.integers(0, 6))], some(draw, dim=dims)


@call
def _product(draw: Draw) -> Call:
    name = draw(st.sampled_from(["matmul", "mm", "bmm", "mv", "dot", "outer", "linear"]))
    small = st.lists(st.sampled_from([2, 3, 1, 2]), max_size=4)
    return name, [TensorType.of(draw(small)), TensorType.of(draw(small))], {}


@call
def _broadcast(draw: Draw) -> Call:
    name = draw(st.sampled_from(["add", "mul", "where", "maximum", "lerp", "clamp", "masked_fill"]))
    tensors: list[Any] = [a_tensor(draw, most=3) for _ in range(3)]
    if name == "where":
        tensors[0] = tensors[0].with_dtype("bool")
    if name == "masked_fill":
        tensors[1] = tensors[1].with_dtype("bool")
        tensors[2] = draw(st.sampled_from([1, 2.5, True, TensorType.of(()), TensorType.of((1,))]))
    return name, tensors if name in ("where", "lerp", "clamp", "masked_fill") else tensors[:2], {}


@call
def _choose(draw: Draw) -> Call:
    name = draw(st.sampled_from(["gather", "index_select"]))
    tensor = TensorType.of(draw(shapes(most=3)))
    of_index = draw(shapes(most=1)) if name == "index_select" else draw(shapes(most=3))
    return name, [tensor, draw(dims), TensorType.of(of_index, "int64")], {}


@call
def _narrow(draw: Draw) -> Call:
    name = draw(st.sampled_from(["narrow", "select"]))
    places = [draw(dims) for _ in range(3 if name == "narrow" else 2)]
    return name, [a_tensor(draw, most=3), *places], {}


@call
def _diagonal(draw: Draw) -> Call:
    return "diagonal", [a_tensor(draw)], some(draw, offset=dims, dim1=dims, dim2=dims)


@call
def _stacks(draw: Draw) -> Call:
    return draw(st.sampled_from(["hstack", "vstack"])), [several(draw)], {}


@call
def _distance(draw: Draw) -> Call:
    name = draw(st.sampled_from(["cosine_similarity", "pairwise_distance", "cdist"]))
    small = st.lists(st.sampled_from([2, 3, 1, 2]), max_size=3)
    tensors = [TensorType.of(draw(small)), TensorType.of(draw(small))]
    arguments = some(draw, dim=dims, eps=st.just(0.1)) if name[1] == "o" else {}
    return name, tensors, arguments


@call
def _added_product(draw: Draw) -> Call:
    name, rank = draw(st.sampled_from([("addmm", 2), ("baddbmm", 3)]))
    small = st.lists(st.sampled_from([2, 2, 2, 1, 3]), min_size=rank, max_size=rank)
    return name, [a_tensor(draw, most=3), *(TensorType.of(draw(small)) for _ in range(2))], {}


@call
def _factory(draw: Draw) -> Call:
    name = draw(st.sampled_from(["zeros", "ones", "rand", "randn"]))
    dtype = st.sampled_from(["float64", "int64", "bool", "complex64"])
    return name, [draw(st.lists(st.integers(-1, 3), max_size=3))], some(draw, dtype=dtype)


@call
def _arange(draw: Draw) -> Call:
    whole = st.integers(-4, 4) | st.sampled_from([0.5, 2.5, -1.5, 1e-1])
    arguments = draw(st.lists(whole, min_size=1, max_size=3))
    dtype = st.sampled_from(["float32", "int64", "bool"])
    return "arange", arguments, some(draw, dtype=dtype)


@call
def _eye(draw: Draw) -> Call:
    return "eye", [draw(st.integers(-1, 3))], some(draw, m=st.integers(-1, 3))


@call
def _einsum(draw: Draw) -> Call:
    equations = [
        "ij,jk->ik",
        "ij,jk",
        "bij,bjk->bik",
        "...i,...i->...",
        "ii->i",
        "ij->ji",
        "i,j->ij",
        "ij->",
        "ij->k",
        "ij->ii",
        "i",
    ]
    equation = draw(st.sampled_from(equations))
    terms = equation.partition("->")[0].split(",")
    sizes = {"i": 2, "j": 3, "k": 4, "b": 1, ".": 5}
    operands = [
        [size if draw(st.integers(0, 9)) else 7 for size in (sizes[letter] for letter in term)]
        for term in terms[: draw(st.sampled_from([2, 2, 1]))]
    ]
    return "einsum", [equation, *map(TensorType.of, operands)], {}


@call
def _one_hot(draw: Draw) -> Call:
    dtype = draw(st.sampled_from(["int64", "int64", "int32"]))
    return "one_hot", [a_tensor(draw, dtype=dtype), draw(st.integers(-2, 4))], {}


@call
def _solve(draw: Draw) -> Call:
    small = st.lists(st.sampled_from([2, 2, 3, 1]), max_size=3)
    square = draw(st.sampled_from([(2, 2), (3, 3), (2, 2, 2), (1, 2, 2), (2, 3)]))
    return "linalg_solve", [TensorType.of(square), TensorType.of(draw(small))], {}
