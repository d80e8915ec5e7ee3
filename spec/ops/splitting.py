"""Tensors in pieces.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final, TypeVar

from ..kinds import Either, Repeated
from ..refusal import Refusal
from ..tensor.check import dimension, divided, need_at_least, need_equal, need_multiple
from ..tensor.dim import Dim
from ..tensor.prove import Proved, multiple_of, quotient
from ..tensor.type import Shape, TensorType, shape_text
from .base import (
    AnySize,
    ByName,
    Int,
    Positive,
    SizeKind,
    Sizes,
    Tensor,
    TensorKind,
    alias,
    function,
)
from .indexing import sliced

Sections = Annotated[Dim | tuple[Dim, ...], Either(SizeKind(), Repeated(SizeKind(), single=False))]
Cuts = Annotated[
    Dim | tuple[Dim, ...] | TensorType,
    Either(SizeKind(), Repeated(SizeKind(), single=False), TensorKind()),
    ByName(None),
]
"""How many pieces, or where each begins; a tensor of that would make the shapes depend on data."""
Tuple = tuple[TensorType, ...]
T = TypeVar("T")
MAX_PIECES: Final = 10_000


@function("torch")
def split(tensor: Tensor, split_size_or_sections: Sections, dim: Int = 0) -> Tuple:
    """Pieces of one size (the last may be smaller), or of given sizes."""
    return _split(tensor, split_size_or_sections, dim, "tensor", "split_size_or_sections")


@function("method")
def method_split(input: Tensor, split_size: Sections, dim: Int = 0) -> Tuple:
    """As split."""
    return _split(input, split_size, dim, "input", "split_size")


@function("torch", method=True)
def unsafe_split(input: Tensor, split_size: AnySize, dim: Int = 0) -> Tuple:
    """As split, without noticing where the pieces are changed in place."""
    return _split(input, split_size, dim, "input", "split_size")


@function("torch", method=True)
def split_with_sizes(input: Tensor, split_sizes: Sizes, dim: Int = 0) -> Tuple:
    """Pieces of given sizes."""
    return _split(input, split_sizes, dim, "input", "split_sizes")


def _split(tensor: TensorType, lengths: Dim | Shape, dim: int, name: str, argument: str) -> Tuple:
    place = _place(tensor, dim, name)
    size = tensor.shape[place]
    if isinstance(lengths, tuple):
        return _cut_in(tensor, place, lengths, argument)
    least = 0 if size.constant == 0 else 1
    need_at_least(lengths, least, "a piece holds something", argument=argument)
    if size.is_constant and lengths.is_constant:
        whole, rest = divmod(int(size), int(lengths)) if int(lengths) else (0, 0)
        pieces = _alike(lengths, whole) + ([Dim.of(rest)] if rest or not whole else [])
        return _pieces(tensor, place, pieces)
    count = quotient(size, lengths)
    if not isinstance(count, Dim) or not count.is_constant:
        raise Refusal(
            f"how many pieces of {lengths} there are depends on {size}",
            code="shape-depends-on-size",
            argument=argument,
        )
    return _pieces(tensor, place, _alike(lengths, int(count)))


def _cut_in(tensor: TensorType, place: int, sections: Shape, argument: str) -> Tuple:
    for length in sections:
        need_at_least(length, 0, "a section must not be negative", argument=argument)
    need_equal(
        tensor.shape[place],
        sum(sections, Dim.of(0)),
        f"the sections must add up to the size of dimension {place}",
        argument=argument,
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


def _pieces(tensor: TensorType, place: int, lengths: Sequence[Dim]) -> Tuple:
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
        return _split(input, -(-size // count), place, "input", "chunks")
    if not isinstance(multiple_of(size, count), Proved):
        raise Refusal(
            f"{size} is not surely a multiple of {count}, so how many chunks there are and how"
            " long the last is depends on it",
            code="shape-depends-on-size",
            argument="chunks",
            other="input",
            help="tensor_split gives as many pieces whatever the size",
        )
    length = divided(size, Dim.of(count), "chunks of one size", argument="chunks")
    return _pieces(input, place, _alike(length, count))


unsafe_chunk = alias(chunk, method=True)
unsafe_split_with_sizes = alias(split_with_sizes, method=True)


@function("torch", method=True)
def tensor_split(input: Tensor, indices_or_sections: Cuts, dim: Int = 0) -> Tuple:
    """So many pieces, the first ones longer by one where they can't be equal; or cut before each
    of the indices."""
    place = _place(input, dim, "input")
    return _cut(input, indices_or_sections, place, "indices_or_sections")


def _cut(tensor: TensorType, cuts: Dim | Shape | TensorType, place: int, argument: str) -> Tuple:
    if isinstance(cuts, TensorType):
        raise Refusal(
            "where each piece begins depends on data",
            code="shape-depends-on-data",
            argument=argument,
        )
    size = tensor.shape[place]
    if isinstance(cuts, Dim):
        if not cuts.is_constant:
            raise Refusal(
                f"how many pieces there are depends on {cuts}",
                code="shape-depends-on-size",
                argument=argument,
            )
        need_at_least(cuts, 1, "there must be a piece", argument=argument)
        count = len(_alike(cuts, int(cuts)))
        return _pieces(tensor, place, [(size + count - 1 - i) // count for i in range(count)])
    bounds = [None, *cuts, None]
    lengths = [sliced(size, slice(start, stop)) for start, stop in pairwise(bounds)]
    return _pieces(tensor, place, lengths)


def _cut_evenly(tensor: TensorType, cuts: Dim | Shape, place: int, least: int) -> Tuple:
    if tensor.rank < least:
        raise Refusal(
            f"input must have at least {least} dimensions, seen is {shape_text(tensor.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    if isinstance(cuts, Dim) and cuts.is_constant:
        need_at_least(cuts, 1, "there must be a piece", argument="indices_or_sections")
        need_multiple(
            tensor.shape[place],
            int(cuts),
            "the pieces must be equal",
            argument="input",
            other="indices_or_sections",
        )
    return _cut(tensor, cuts, place, "indices_or_sections")


EvenCuts = Annotated[
    Dim | tuple[Dim, ...], Either(SizeKind(), Repeated(SizeKind(), single=False)), ByName(None)
]


@function("torch", method=True)
def hsplit(input: Tensor, indices_or_sections: EvenCuts) -> Tuple:
    """Pieces along the second dimension; of a vector along its only one."""
    return _cut_evenly(input, indices_or_sections, min(input.rank - 1, 1), 1)


@function("torch", method=True)
def vsplit(input: Tensor, indices_or_sections: EvenCuts) -> Tuple:
    """Pieces along the first dimension of at least two."""
    return _cut_evenly(input, indices_or_sections, 0, 2)


@function("torch", method=True)
def dsplit(input: Tensor, indices_or_sections: EvenCuts) -> Tuple:
    """Pieces along the third dimension."""
    return _cut_evenly(input, indices_or_sections, 2, 3)


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
