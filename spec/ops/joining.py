"""Joining tensors and taking them apart.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated, Final, TypeVar

from ..kinds import Either, Repeated
from ..refusal import Refusal
from ..tensor.check import dimension, divided, need_at_least, need_equal
from ..tensor.dim import Dim
from ..tensor.dtype import promote
from ..tensor.prove import Proved, multiple_of, quotient
from ..tensor.type import Shape, TensorType, shape_text
from .base import Int, Positive, SizeKind, Tensor, Tensors, function

Sections = Annotated[Dim | tuple[Dim, ...], Either(SizeKind(), Repeated(SizeKind(), single=False))]
Tuple = tuple[TensorType, ...]
T = TypeVar("T")
MAX_PIECES: Final = 10_000
_SECTIONS: Final = "split_size_or_sections"


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


@function("torch")
def concat(tensors: Tensors, dim: Int = 0) -> TensorType:
    """As cat."""
    return cat(tensors, dim)


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


@function("torch", method=True)
def split(tensor: Tensor, split_size_or_sections: Sections, dim: Int = 0) -> Tuple:
    """Pieces of one size (the last may be smaller), or of given sizes."""
    place = _place(tensor, dim, "tensor")
    size = tensor.shape[place]
    if isinstance(split_size_or_sections, tuple):
        return _cut_in(tensor, place, split_size_or_sections)
    length = split_size_or_sections
    need_at_least(
        length, 0 if size.constant == 0 else 1, "a piece holds something", argument=_SECTIONS
    )
    if size.is_constant and length.is_constant:
        whole, rest = divmod(int(size), int(length)) if int(length) else (0, 0)
        pieces = _alike(length, whole) + ([Dim.of(rest)] if rest or not whole else [])
        return _pieces(tensor, place, pieces)
    count = quotient(size, length)
    if not isinstance(count, Dim) or not count.is_constant:
        raise Refusal(
            f"how many pieces of {length} there are depends on {size}",
            code="shape-depends-on-size",
            argument=_SECTIONS,
        )
    return _pieces(tensor, place, _alike(length, int(count)))


def _cut_in(tensor: TensorType, place: int, sections: Shape) -> Tuple:
    for length in sections:
        need_at_least(length, 0, "a section must not be negative", argument=_SECTIONS)
    total = sum(sections, Dim.of(0))
    need_equal(
        tensor.shape[place],
        total,
        f"the sections must add up to the size of dimension {place}",
        argument=_SECTIONS,
        other="tensor",
    )
    return _pieces(tensor, place, sections)


def _place(tensor: TensorType, dim: int, argument: str) -> int:
    if tensor.rank == 0:
        raise Refusal("a single number has no pieces", code="shape-mismatch", argument=argument)
    return dimension(dim, tensor.rank)


def _alike(piece: T, count: int) -> list[T]:
    """So many pieces; more than anybody can name are refused before they fill the memory."""
    if count > MAX_PIECES:
        raise Refusal(f"{count:,} pieces; at most {MAX_PIECES:,} are allowed", code="too-complex")
    return [piece] * count


def _pieces(tensor: TensorType, place: int, lengths: Shape | list[Dim]) -> Tuple:
    before, after = tensor.shape[:place], tensor.shape[place + 1 :]
    return tuple(tensor.with_shape((*before, length, *after)) for length in lengths)


@function("torch", method=True)
def chunk(input: Tensor, chunks: Positive, dim: Int = 0) -> Tuple:
    """At most so many pieces of one size; the last may be smaller."""
    place = _place(input, dim, "input")
    size = input.shape[place]
    count = int(chunks)
    if size.is_constant:
        if int(size) == 0:
            return _pieces(input, place, _alike(size, count))
        return split(input, -(-size // count), place)
    if not isinstance(multiple_of(size, count), Proved):
        raise Refusal(
            f"{size} is not surely a multiple of {count}, so how many chunks there are and how"
            " long the last is depends on it",
            code="shape-depends-on-size",
            argument="chunks",
            other="input",
        )
    length = divided(size, Dim.of(count), "chunks of one size", argument="chunks")
    return _pieces(input, place, _alike(length, count))


@function("torch", method=True)
def unbind(input: Tensor, dim: Int = 0) -> Tuple:
    """The slices along a dimension, which they lose."""
    place = _place(input, dim, "input")
    size = input.shape[place]
    if not size.is_constant:
        raise Refusal(
            f"how many slices there are depends on {size}",
            code="shape-depends-on-size",
            argument="input",
        )
    piece = input.with_shape((*input.shape[:place], *input.shape[place + 1 :]))
    return tuple(_alike(piece, int(size)))


@function("torch")
def hstack(tensors: Tensors) -> TensorType:
    """Side by side: along the second dimension, vectors along the first."""
    raised = tuple(_at_least(tensor, 1) for tensor in tensors)
    return cat(raised, 0 if _first(raised).rank == 1 else 1)


@function("torch")
def vstack(tensors: Tensors) -> TensorType:
    """One below the other; a vector is a row."""
    return cat(tuple(_at_least(tensor, 2) for tensor in tensors), 0)


def _at_least(tensor: TensorType, rank: int) -> TensorType:
    missing = max(rank - tensor.rank, 0)
    return tensor.with_shape((*[1] * missing, *tensor.shape))
