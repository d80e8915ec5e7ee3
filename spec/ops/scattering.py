"""Elements written to places that an index names.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated

from ..kinds import Choice, Either, Optional
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_equal
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import TensorType, shape_text
from .base import (
    LEFT_OUT,
    AnySize,
    ByName,
    Flag,
    Int,
    LeftOut,
    Numeric,
    Operand,
    OptionalScalar,
    OptionalSize,
    Positive,
    Scalar,
    Sizes,
    Tensor,
    TensorKind,
    function,
)
from .diagonals import diagonal
from .masking import need_complex, need_dtype_of, need_filling
from .selecting import NOTHING, cut, is_empty, need_fitting, need_whole, numbers, select
from .strides import as_strided

Source = Annotated[
    TensorType | bool | int | float | Dim | None,
    Optional(Either(TensorKind(), Numeric())),
    ByName(TensorKind()),
]
Update = Annotated[str | LeftOut, Choice("add", "multiply")]
Reduction = Annotated[str, Choice("sum", "prod", "mean", "amax", "amin")]
IndexReduction = Annotated[str, Choice("prod", "mean", "amax", "amin")]


@function("torch", method=True)
def scatter(
    input: Tensor,
    dim: Int,
    index: Tensor,
    src: Source = None,
    *,
    value: OptionalScalar = None,
    reduce: Update = LEFT_OUT,
) -> TensorType:
    """The elements of src, or one number, written along dim to the places of index."""
    if (src is None) == (value is None):
        raise Refusal("scatter takes src or value", argument="src", other="value")
    return _scattered(input, dim, index, value if src is None else src)


@function("torch", method=True)
def scatter_add(input: Tensor, dim: Int, index: Tensor, src: Tensor) -> TensorType:
    """The elements of src added along dim to those at the places of index."""
    return _scattered(input, dim, index, src)


@function("torch", method=True)
def scatter_reduce(
    input: Tensor,
    dim: Int,
    index: Tensor,
    src: Tensor,
    reduce: Reduction,
    *,
    include_self: Flag = True,
) -> TensorType:
    """The elements of src that meet at one place of index reduced to one."""
    _need_reducible(input, reduce)
    return _scattered(input, dim, index, src)


def _scattered(input: TensorType, dim: int, index: TensorType, source: object) -> TensorType:
    place = dimension(dim, input.rank)
    need_whole(index, ("int64", "int32"))
    if isinstance(source, TensorType):
        need_dtype_of(input, source, "src")
    else:
        need_filling(source, input)
    if is_empty(index):
        return input
    need_fitting(index, input, "input", but=place)
    if isinstance(source, TensorType):
        need_fitting(index, source, "src")
    need_at_least(numbers(input)[place], 1, NOTHING, argument="input")
    return input


def _need_reducible(input: TensorType, reduce: str) -> None:
    unfit = {"mean": "bool", "amax": "complex", "amin": "complex"}.get(reduce)
    if category(input.dtype) == unfit:
        raise Refusal(
            f"there is no {reduce} of {input.dtype}",
            code="dtype-mismatch",
            argument="reduce",
            other="input",
        )


@function("torch", method=True)
def index_add(
    input: Tensor, dim: Int, index: Tensor, source: Tensor, *, alpha: Scalar = 1
) -> TensorType:
    """The slices of source, times alpha, added to those of input that index names."""
    _need_slices(input, dim, index, source)
    return input


@function("torch", method=True)
def index_reduce(
    input: Tensor,
    dim: Int,
    index: Tensor,
    source: Tensor,
    reduce: IndexReduction,
    *,
    include_self: Flag = True,
) -> TensorType:
    """The slices of source that meet at one slice of input reduced to one."""
    _need_reducible(input, reduce)
    if input.rank <= 1 and category(input.dtype) in ("bool", "complex"):
        raise Refusal(
            f"torch reduces no vectors of {input.dtype} here",
            code="dtype-mismatch",
            argument="input",
        )
    _need_slices(input, dim, index, source)
    return input


def _need_slices(input: TensorType, dim: int, index: TensorType, source: TensorType) -> None:
    """Refuses a source that has not one slice for each number of index, in the input's shape."""
    place = dimension(dim, input.rank)
    need_whole(index, ("int64", "int32"))
    need_dtype_of(input, source, "source")
    _need_vector(index)
    if source.rank != input.rank:
        _refuse_slices(input, source)
    need_equal(
        index.numel(),
        numbers(source)[place],
        f"index has a number for each of source's slices along dimension {place}",
        argument="index",
        other="source",
    )
    _need_same_slices(input, source, place)
    _need_room(input, index, place)


def _need_vector(index: TensorType) -> None:
    if index.rank > 1:
        raise Refusal(
            f"index is (n), seen is {shape_text(index.shape)}",
            code="shape-mismatch",
            argument="index",
        )


def _refuse_slices(input: TensorType, source: TensorType) -> None:
    raise Refusal(
        f"source's slices must be those of {shape_text(input.shape)}, seen is"
        f" {shape_text(source.shape)}",
        code="shape-mismatch",
        argument="source",
        other="input",
    )


def _need_same_slices(input: TensorType, source: TensorType, place: int) -> None:
    for other, (seen, wanted) in enumerate(zip(source.shape, input.shape, strict=True)):
        if other != place:
            need_equal(
                seen,
                wanted,
                f"source must have the input's size in dimension {other}",
                argument="source",
                other="input",
            )


def _need_room(input: TensorType, index: TensorType, place: int) -> None:
    if not is_empty(index):
        need_at_least(numbers(input)[place], 1, NOTHING, argument="input")


@function("torch", method=True)
def index_copy(input: Tensor, dim: Int, index: Tensor, source: Tensor) -> TensorType:
    """The slices of source in place of those of input that index names."""
    place = dimension(dim, input.rank)
    need_whole(index, ("int64",))
    need_dtype_of(input, source, "source")
    _need_vector(index)
    if len(numbers(source)) != len(numbers(input)):
        _refuse_slices(input, source)
    need_equal(
        index.numel(),
        numbers(source)[place],
        f"index has a number for each of source's slices along dimension {place}",
        argument="index",
        other="source",
    )
    if source.rank == input.rank:
        _need_same_slices(input, source, place)
    _need_room(input, index, place)
    return input


@function("torch", method=True)
def index_fill(input: Tensor, dim: Int, index: Tensor, value: Operand) -> TensorType:
    """One value in the slices of input that index names."""
    place = dimension(dim, input.rank)
    need_whole(index, ("int64",))
    _need_vector(index)
    need_filling(value, input)
    if isinstance(value, TensorType) and category(value.dtype) == "complex":
        need_complex(input)
    _need_room(input, index, place)
    return input


@function("torch", method=True)
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: Flag = False) -> TensorType:
    """The elements of source at places that are counted over all of input."""
    need_whole(index, ("int64",))
    need_dtype_of(input, source, "source")
    need_equal(
        index.numel(),
        source.numel(),
        "index and source must have equally many elements",
        argument="source",
        other="index",
    )
    if not is_empty(index):
        need_at_least(input.numel(), 1, NOTHING, argument="input")
    return input


@function("torch", method=True)
def select_scatter(input: Tensor, src: Tensor, dim: Int, index: AnySize) -> TensorType:
    """The input with src in place of `select(input, dim, index)`."""
    return _with(input, src, select(input, dim, index))


@function("torch", method=True)
def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: Int = 0,
    start: OptionalSize = None,
    end: OptionalSize = None,
    step: Positive = 1,
) -> TensorType:
    """The input with src in place of the slice `start:end:step` of a dimension."""
    return _with(input, src, cut(input, dim, start, end, step))


@function("torch", method=True)
def diagonal_scatter(
    input: Tensor, src: Tensor, offset: Int = 0, dim1: Int = 0, dim2: Int = 1
) -> TensorType:
    """The input with src in place of a diagonal."""
    return _with(input, src, diagonal(input, offset, dim1, dim2))


@function("torch", method=True)
def as_strided_scatter(
    input: Tensor,
    src: Tensor,
    size: Sizes,
    stride: Sizes,
    storage_offset: OptionalSize = None,
) -> TensorType:
    """The input with src in place of `as_strided(input, size, stride, storage_offset)`."""
    return _with(input, src, as_strided(input, size, stride, storage_offset))


def _with(input: TensorType, src: TensorType, view: TensorType) -> TensorType:
    what = f"src must be {shape_text(view.shape)}"
    if src.rank != view.rank:
        raise Refusal(
            f"{what}, seen is {shape_text(src.shape)}",
            code="shape-mismatch",
            argument="src",
            other="input",
        )
    for seen, wanted in zip(src.shape, view.shape, strict=True):
        need_equal(seen, wanted, what, argument="src", other="input")
    return input
