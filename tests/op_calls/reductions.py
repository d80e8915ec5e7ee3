"""Reductions, sums so far, sorting and masked reductions: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, FLOATS, Draw, flags, some

from op_calls.base import Call, a_tensor, call, dims, lists_of_dims
from specc.spec.tensor.type import TensorType

ORDERS = [2, 1.0, 0, -1, 2.5, float("inf"), float("-inf")]
near = st.integers(-2, 1)
nothing = st.none()


def of_any_type(draw: Draw, least: int = 0, most: int = 4) -> TensorType:
    return a_tensor(draw, least, most, draw(st.sampled_from(DTYPES)))


@call
def _reduction(draw: Draw) -> Call:
    names = ["sum", "mean", "nansum", "nanmean", "amax", "amin", "any", "all", "logsumexp"]
    name = draw(st.sampled_from(names))
    arguments = {"dim": draw(dims | lists_of_dims | nothing)} | some(draw, keepdim=flags)
    if name in names[:4]:
        arguments |= some(draw, dtype=st.sampled_from(["float64", "int64", "bool", "complex64"]))
    return name, [of_any_type(draw)], arguments


@call
def _single_reduction(draw: Draw) -> Call:
    names = [
        "prod",
        "max",
        "min",
        "argmax",
        "argmin",
        "median",
        "nanmedian",
        "aminmax",
        "mode",
        "count_nonzero",
    ]
    name = draw(st.sampled_from(names))
    arguments = some(draw, dim=dims | nothing)
    if name != "count_nonzero":
        arguments |= some(draw, keepdim=flags)
    return name, [of_any_type(draw)], arguments


@call
def _spread(draw: Draw) -> Call:
    name = draw(st.sampled_from(["std", "var", "std_mean", "var_mean"]))
    dim = dims | lists_of_dims | nothing
    by_place = draw(st.sampled_from([0, 0, 1, 2, 3]))
    given = [draw(dim | flags), draw(flags), draw(flags)][:by_place]
    named = {"dim": dim | flags, "unbiased": flags, "keepdim": flags}
    rest = some(draw, **dict(list(named.items())[by_place:]))
    corrections = st.sampled_from([0, 1, -1, 0.5, float("inf")]) | nothing
    return name, [of_any_type(draw), *given], rest | some(draw, correction=corrections)


@call
def _norm(draw: Draw) -> Call:
    orders = st.sampled_from(["fro", "nuc", *ORDERS])
    arguments = some(draw, p=orders, dim=dims | lists_of_dims, keepdim=flags)
    return "norm", [a_tensor(draw)], arguments


@call
def _norms_of_slices(draw: Draw) -> Call:
    numbers = st.sampled_from([*ORDERS, float("nan")])
    return "renorm", [of_any_type(draw), draw(numbers), draw(dims), draw(numbers)], {}


@call
def _sum_to_size(draw: Draw) -> Call:
    tensor = of_any_type(draw)
    size = [int(one) if draw(flags) else 1 for one in tensor.shape][draw(st.integers(0, 2)) :]
    if not draw(st.integers(0, 4)):
        size = draw(st.lists(st.sampled_from([1, 2, 3, -1]), max_size=3))
    return "sum_to_size", [tensor, tuple(size)], {}


@call
def _so_far(draw: Draw) -> Call:
    names = ["cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"]
    name = draw(st.sampled_from(names))
    arguments: dict[str, Any] = {"dim": draw(dims)}
    if name in names[:2]:
        arguments |= some(draw, dtype=st.sampled_from(["float64", "int8", "bool", "complex64"]))
    return name, [of_any_type(draw)], arguments


@call
def _sorted(draw: Draw) -> Call:
    name = draw(st.sampled_from(["sort", "argsort", "msort"]))
    if name == "msort":
        return name, [of_any_type(draw)], {}
    by_place = [draw(dims), draw(flags)][: draw(st.integers(0, 2))]
    rest = {"dim": dims, "descending": flags}
    arguments = some(draw, **dict(list(rest.items())[len(by_place) :]), stable=flags | nothing)
    return name, [of_any_type(draw), *by_place], arguments


@call
def _topk(draw: Draw) -> Call:
    name = draw(st.sampled_from(["topk", "kthvalue"]))
    arguments = some(draw, dim=dims)
    if name == "kthvalue":
        arguments |= some(draw, keepdim=flags)
    return name, [of_any_type(draw), draw(st.integers(-1, 4))], arguments


@call
def _searched(draw: Draw) -> Call:
    sequence = a_tensor(draw, most=3, dtype=draw(st.sampled_from(DTYPES)))
    last = draw(st.lists(st.sampled_from([1, 3, 0]), max_size=2))
    before = sequence.shape[:-1] if draw(flags) else ()
    values = TensorType.of((*before, *last), draw(st.sampled_from(DTYPES)))
    wanted = draw(st.sampled_from([values, 2, 2.5, True]))
    arguments = some(draw, out_int32=flags, right=flags)
    if draw(flags):
        return "bucketize", [wanted, sequence], arguments
    sorters = st.sampled_from([sequence.with_dtype("int64"), sequence, TensorType.of((2,))])
    arguments |= some(draw, side=st.sampled_from(["left", "right", "x", None]), sorter=sorters)
    return "searchsorted", [sequence, wanted], arguments


@call
def _among(draw: Draw) -> Call:
    operands = st.sampled_from([of_any_type(draw), of_any_type(draw), 2, -300, 2.5, True])
    arguments = some(draw, assume_unique=flags, invert=flags)
    return "isin", [draw(operands), draw(operands)], arguments


@call
def _segments(draw: Draw) -> Call:
    segments = draw(st.integers(0, 4))
    rest = a_tensor(draw, most=2).shape
    lengths = TensorType.of((segments,), draw(st.sampled_from(["int64", "int32", "int16"])))
    data = TensorType.of((segments, *rest), draw(st.sampled_from(DTYPES)))
    axis = draw(near)
    if axis == 1:  # a length of 1 for each slice of 1
        lengths, data = (one.with_shape((2, 1, *one.shape[1:])) for one in (lengths, data))
    if not draw(st.integers(0, 4)):
        lengths = lengths.with_shape(())
    reduce = draw(st.sampled_from(["sum", "prod", "mean", "amax", "min", "norm"]))
    arguments = some(draw, initial=st.sampled_from([0, 1.5])) | {"axis": axis}
    return "segment_reduce", [data, reduce], {"lengths": lengths} | arguments


def masked_tensor(draw: Draw, least: int = 0) -> tuple[TensorType, dict[str, Any]]:
    """A tensor, and perhaps a mask, mostly of a shape that broadcasts to it."""
    tensor = of_any_type(draw, least, 3)
    shape = [1 if not draw(st.integers(0, 3)) else size for size in tensor.shape]
    if not draw(st.integers(0, 7)):
        shape.append(draw(st.sampled_from([1, 2])))
    mask = TensorType.of(shape[draw(st.integers(0, 1)) :], draw(st.sampled_from(["bool", "int64"])))
    return tensor, {"mask": mask} if draw(flags) else {}


some_dtypes = st.sampled_from(["float64", "float32", "int32", "complex64", "bool"]) | nothing


@call
def _masked_reduction(draw: Draw) -> Call:
    names = ["sum", "prod", "mean", "amax", "amin", "logsumexp", "std", "var", "norm"]
    name = draw(st.sampled_from(names))
    tensor, arguments = masked_tensor(draw)
    arguments |= some(draw, dim=dims | lists_of_dims | nothing, keepdim=flags, dtype=some_dtypes)
    if name in ("std", "var"):
        arguments |= some(draw, unbiased=flags, correction=st.integers(0, 2))
    if name == "norm":
        arguments |= some(draw, ord=st.sampled_from(ORDERS))
    return f"masked_{name}", [tensor], arguments


@call
def _masked_along_one(draw: Draw) -> Call:
    names = ["argmax", "argmin", "median", "softmax", "log_softmax", "softmin", "cumsum", "cumprod"]
    name = draw(st.sampled_from(names))
    tensor, arguments = masked_tensor(draw)
    arguments |= some(draw, dtype=some_dtypes) | {"dim": draw(dims)}
    if name in names[:3]:
        arguments |= some(draw, keepdim=flags)
    return f"masked_{name}", [tensor], arguments


@call
def _masked_normalize(draw: Draw) -> Call:
    tensor, arguments = masked_tensor(draw)
    arguments |= some(draw, dtype=some_dtypes, eps=st.sampled_from([0.0, 1e9]))
    return "masked_normalize", [tensor, draw(st.sampled_from(ORDERS)), draw(dims)], arguments


@call
def _masked_logaddexp(draw: Draw) -> Call:
    tensor, masks = masked_tensor(draw)
    other, others = masked_tensor(draw)
    if draw(flags):
        other = tensor.with_dtype(draw(st.sampled_from(FLOATS)))
    arguments = {f"input_{name}": mask for name, mask in masks.items()}
    arguments |= {f"other_{name}": mask for name, mask in others.items()}
    return "masked_logaddexp", [tensor, other], arguments | some(draw, dtype=some_dtypes)
