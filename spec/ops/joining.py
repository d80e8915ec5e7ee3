"""Joining tensors.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated, Final

from ..kinds import Choice, Integer, Optional
from ..refusal import Refusal
from ..tensor.check import broadcast, dimension, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import promote
from ..tensor.type import TensorType, product, shape_text
from .base import (
    Flag,
    Int,
    Tensor,
    TensorOrTensors,
    Tensors,
    alias,
    function,
    spread,
)

Tuple = tuple[TensorType, ...]
Indexing = Annotated[str | None, Optional(Choice("ij", "xy"))]
AtLeastNone = Annotated[int, Integer(0)]
MAX_CHOSEN: Final = 30


@function("torch")
def cat(tensors: Tensors, dim: Int = 0) -> TensorType:
    """Along one dimension; the other sizes must be equal."""
    result = _first(tensors)
    if result.rank == 0:
        raise Refusal("single numbers can't be joined", code="shape-mismatch", argument="tensors")
    place = dimension(dim, result.rank)
    for tensor in tensors[1:]:
        result = _joined(result, tensor, place)
    return result


concat = alias(cat)


@function("torch")
def concatenate(tensors: Tensors, axis: Int = 0) -> TensorType:
    """As cat."""
    return cat(tensors, axis)


@function("torch")
def stack(tensors: Tensors, dim: Int = 0) -> TensorType:
    """Along a new dimension; all sizes must be equal."""
    result = _first(tensors)
    place = dimension(dim, result.rank + 1)
    for tensor in tensors[1:]:
        _need_rank_of(result, tensor)
        for other in range(result.rank):
            _need_same_size(result, tensor, other)
        result = result.with_dtype(promote(result.dtype, tensor.dtype))
    return result.with_shape((*result.shape[:place], len(tensors), *result.shape[place:]))


def _first(tensors: Tuple) -> TensorType:
    if not tensors:
        raise Refusal("tensors must hold at least one tensor", argument="tensors")
    return tensors[0]


def _need_rank_of(first: TensorType, tensor: TensorType) -> None:
    if first.rank != tensor.rank:
        raise Refusal(
            f"the tensors must have equally many dimensions, seen are {shape_text(first.shape)} and"
            f" {shape_text(tensor.shape)}",
            code="shape-mismatch",
            argument="tensors",
        )


def _need_same_size(first: TensorType, tensor: TensorType, place: int) -> None:
    need_equal(
        first.shape[place],
        tensor.shape[place],
        f"{shape_text(first.shape)} and {shape_text(tensor.shape)} differ in dimension {place}",
        argument="tensors",
    )


def _joined(first: TensorType, tensor: TensorType, place: int) -> TensorType:
    _need_rank_of(first, tensor)
    for other in range(first.rank):
        if other != place:
            _need_same_size(first, tensor, other)
    size = first.shape[place] + tensor.shape[place]
    shape = (*first.shape[:place], size, *first.shape[place + 1 :])
    return TensorType(shape, promote(first.dtype, tensor.dtype))


@function("torch")
def hstack(tensors: Tensors) -> TensorType:
    """Side by side: along the second dimension, vectors along the first."""
    raised = tuple(_raised(tensor, 1) for tensor in tensors)
    return cat(raised, 0 if _first(raised).rank == 1 else 1)


@function("torch")
def vstack(tensors: Tensors) -> TensorType:
    """One below the other; a vector is a row."""
    return cat(tuple(_raised(tensor, 2) for tensor in tensors), 0)


row_stack = alias(vstack)


@function("torch")
def dstack(tensors: Tensors) -> TensorType:
    """Along the third dimension; a matrix (m, n) counts as (m, n, 1)."""
    return cat(tuple(_raised(tensor, 3) for tensor in tensors), 2)


@function("torch")
def column_stack(tensors: Tensors) -> TensorType:
    """Side by side; numbers and vectors are columns."""
    columns = tuple(
        tensor if tensor.rank > 1 else tensor.with_shape((tensor.numel(), 1)) for tensor in tensors
    )
    return cat(columns, 1)


def _raised(tensor: TensorType, rank: int) -> TensorType:
    """The tensor with further dimensions of size 1, as numpy adds them."""
    shape = tensor.shape
    if rank == 3 and len(shape) in (1, 2):
        return tensor.with_shape((*[1] * (2 - len(shape)), *shape, 1))
    return tensor.with_shape((*[1] * (rank - len(shape)), *shape))


@function("torch")
def atleast_1d(*tensors: TensorOrTensors) -> TensorType | Tuple:
    """A number becomes (1); of several tensors each."""
    return _all_raised(tensors, 1)


@function("torch")
def atleast_2d(*tensors: TensorOrTensors) -> TensorType | Tuple:
    """A vector (n) becomes (1, n); of several tensors each."""
    return _all_raised(tensors, 2)


@function("torch")
def atleast_3d(*tensors: TensorOrTensors) -> TensorType | Tuple:
    """A matrix (m, n) becomes (m, n, 1), a vector (1, n, 1); of several tensors each."""
    return _all_raised(tensors, 3)


def _all_raised(tensors: tuple[TensorType | Tuple, ...], rank: int) -> TensorType | Tuple:
    if len(tensors) == 1 and isinstance(tensors[0], TensorType):
        return _raised(tensors[0], rank)
    return tuple(_raised(tensor, rank) for tensor in spread(tensors, "tensors"))


@function("torch")
def broadcast_tensors(*tensors: Tensor) -> Tuple:
    """Each expanded to the shape that they broadcast to."""
    if not tensors:
        return ()
    shape = broadcast(*(tensor.shape for tensor in tensors))
    return tuple(tensor.with_shape(shape) for tensor in tensors)


@function("torch")
def meshgrid(*tensors: TensorOrTensors, indexing: Indexing = None) -> Tuple:
    """Of vectors (n), (m), … the coordinates of a grid, each (n, m, …); with "xy" (m, n, …)."""
    vectors = spread(tensors, "tensors")
    for tensor in vectors:
        need_rank(tensor, (0, 1), "tensors", "(n) each")
        _need_dtype_of(_first(vectors), tensor)
    sizes = [tensor.numel() for tensor in vectors]
    if indexing == "xy":
        sizes[:2] = sizes[1::-1]
    return tuple(tensor.with_shape(sizes) for tensor in (_first(vectors), *vectors[1:]))


def _need_dtype_of(first: TensorType, tensor: TensorType) -> None:
    if tensor.dtype != first.dtype:
        raise Refusal(
            f"the tensors must be of one element type, seen are {first.dtype} and {tensor.dtype}",
            code="dtype-mismatch",
            argument="tensors",
        )


@function("torch")
def cartesian_prod(*tensors: Tensor) -> TensorType:
    """Of vectors all choices of one element each, a row a choice; a single vector stays."""
    for tensor in tensors:
        need_rank(tensor, (1,), "tensors", "(n) each")
        _need_dtype_of(tensors[0], tensor)
    if len(tensors) == 1:
        return tensors[0]
    count = product(tensor.shape[0] for tensor in tensors)
    return _first(tensors).with_shape((count, len(tensors)))


@function("torch")
def combinations(input: Tensor, r: AtLeastNone = 2, with_replacement: Flag = False) -> TensorType:
    """(n) -> (count, r): all choices of r elements, in order."""
    need_rank(input, (1,), "input", "(n)")
    if r == 0:
        return input.with_shape((0,))
    if r > MAX_CHOSEN:
        raise Refusal(f"r = {r}; at most {MAX_CHOSEN} are allowed", code="too-complex")
    count, size = Dim.of(1), input.shape[0]
    for place in range(int(r)):
        count = count * (size + place if with_replacement else size - place) // (place + 1)
    return input.with_shape((count, r))
