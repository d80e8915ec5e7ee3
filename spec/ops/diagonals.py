"""Diagonals and triangles of matrices.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import DType
from ..tensor.prove import Proved, at_least
from ..tensor.type import TensorType, shape_text
from .base import AnySize, Int, OptionalDType, Tensor, function


@function("torch", method=True)
def diagonal(input: Tensor, offset: Int = 0, dim1: Int = 0, dim2: Int = 1) -> TensorType:
    """(*, n, m) -> (*, length): the diagonal of two dimensions, which stands last."""
    first, second = _two(dim1, dim2, input.rank)
    rest = [size for place, size in enumerate(input.shape) if place not in (first, second)]
    length = _length(input.shape[first], input.shape[second], offset)
    return input.with_shape((*rest, length))


def _two(dim1: int, dim2: int, rank: int) -> tuple[int, int]:
    first = dimension(dim1, rank, "dim1")
    second = dimension(dim2, rank, "dim2")
    if first == second:
        raise Refusal("dim1 and dim2 must differ", argument="dim2", other="dim1")
    return first, second


def _length(rows: Dim, columns: Dim, offset: int) -> Dim:
    """The smaller of what offset leaves of both sizes, or nothing."""
    height, width = rows + min(offset, 0), columns - max(offset, 0)
    if height.is_constant and width.is_constant:
        return Dim.of(max(min(int(height), int(width)), 0))
    if isinstance(at_least(width - height, 0), Proved):
        length = height
    elif isinstance(at_least(height - width, 0), Proved):
        length = width
    else:
        raise Refusal(
            f"whether {height} or {width} is the smaller, and the diagonal's length, is not sure",
            code="shape-depends-on-size",
            argument="input",
        )
    need_at_least(
        length,
        0,
        "offset leaves the matrix",
        code="shape-depends-on-size",
        argument="offset",
        other="input",
    )
    return length


@function("torch", method=True)
def diag(input: Tensor, diagonal: Int = 0) -> TensorType:
    """(n) -> (n, n) with it on a diagonal; (n, m) -> (length)"""
    need_rank(input, (1, 2), "input", "(n) or (n, m)")
    if input.rank == 1:
        size = input.shape[0] + abs(int(diagonal))
        return input.with_shape((size, size))
    rows, columns = input.shape
    return input.with_shape((_length(rows, columns, diagonal),))


@function("torch", method=True)
def diag_embed(input: Tensor, offset: Int = 0, dim1: Int = -2, dim2: Int = -1) -> TensorType:
    """(*, n) -> (*, n + |offset|, n + |offset|), the last two at dim1 and dim2."""
    if input.rank == 0:
        raise Refusal("a single number is no diagonal", code="shape-mismatch", argument="input")
    places = _two(dim1, dim2, input.rank + 1)
    size = input.shape[-1] + abs(int(offset))
    rest = iter(input.shape[:-1])
    return input.with_shape(
        size if place in places else next(rest) for place in range(input.rank + 1)
    )


@function("torch", method=True)
def diagflat(input: Tensor, offset: Int = 0) -> TensorType:
    """(*) -> a matrix with all elements on a diagonal."""
    size = input.numel() + abs(int(offset))
    return input.with_shape((size, size))


@function("torch", method=True)
def tril(input: Tensor, diagonal: Int = 0) -> TensorType:
    """(*, n, m), zero above the diagonal"""
    return _triangular(input)


@function("torch", method=True)
def triu(input: Tensor, diagonal: Int = 0) -> TensorType:
    """(*, n, m), zero below the diagonal"""
    return _triangular(input)


def _triangular(input: TensorType) -> TensorType:
    if input.rank < 2:
        raise Refusal(
            f"input is (*, n, m), seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    return input


@function("torch", factory=True)
def tril_indices(
    row: AnySize, col: AnySize, offset: Int = 0, *, dtype: OptionalDType = None
) -> TensorType:
    """(2, count): rows and columns of the elements on and below a diagonal."""
    return _indices(row, col, _below(row, col, offset), dtype or "int64")


@function("torch", factory=True)
def triu_indices(
    row: AnySize, col: AnySize, offset: Int = 0, *, dtype: OptionalDType = None
) -> TensorType:
    """(2, count): rows and columns of the elements on and above a diagonal."""
    return _indices(row, col, row * col - _below(row, col, offset - 1), dtype or "int64")


def _indices(row: Dim, col: Dim, count: Dim, dtype: DType) -> TensorType:
    for name, size in (("row", row), ("col", col)):
        need_at_least(size, 0, f"{name} must not be negative", argument=name)
    if dtype not in ("int64", "int32"):
        raise Refusal(
            f"indices are int64 or int32, not {dtype}", code="dtype-mismatch", argument="dtype"
        )
    return TensorType((Dim.of(2), count), dtype)


def _below(rows: Dim, columns: Dim, offset: int) -> Dim:
    """How many elements of a matrix lie on and below a diagonal: in row i there are
    i + 1 + offset of them, but none below zero, and no more than there are columns."""
    reach = rows + offset
    beyond = _triangle(reach - columns) - _triangle(offset - columns)
    return _triangle(reach) - _triangle(Dim.of(offset)) - beyond


def _triangle(side: Dim) -> Dim:
    """1 + 2 + … + side, nothing where side is negative."""
    if isinstance(at_least(-side, 0), Proved):
        return Dim.of(0)
    if isinstance(at_least(side, -1), Proved):
        return side * (side + 1) // 2
    raise Refusal(
        f"how many elements there are depends on whether {side} is negative",
        code="shape-depends-on-size",
        argument="offset",
    )
