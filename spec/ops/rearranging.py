"""Functions that turn, shift and repeat the elements of a tensor.

Source: https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
"""

from typing import Annotated

from ..kinds import Either, Optional, each
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_equal, need_rank
from ..tensor.dim import Dim
from ..tensor.type import TensorType, shape_text
from .base import (
    Int,
    Ints,
    OptionalInt,
    OptionalInts,
    OptionalSize,
    SizeKind,
    Sizes,
    Tensor,
    TensorKind,
    Wholes,
    function,
)

Repeats = Annotated[Dim | TensorType | None, Optional(Either(SizeKind(), TensorKind()))]


@function("method", variadic="repeats")
def repeat(input: Tensor, repeats: Sizes) -> TensorType:
    """Copies side by side; as many numbers as dimensions, or more."""
    return _repeated(input, repeats, "repeats")


def _repeated(input: TensorType, repeats: tuple[Dim, ...], argument: str) -> TensorType:
    new = len(repeats) - input.rank
    if new < 0:
        raise Refusal(
            f"{argument} must name at least {input.rank} dimensions, seen are {len(repeats)}",
            argument=argument,
        )
    for times in repeats:
        need_at_least(times, 0, f"{argument} must not be negative", argument=argument)
    return input.with_shape(
        times * input.shape[place - new] if place >= new else times
        for place, times in enumerate(repeats)
    )


@function("torch", method=True, variadic="dims")
def flip(input: Tensor, dims: Wholes) -> TensorType:
    """The order along some dimensions reversed."""
    places = [dimension(dim, input.rank, "dims") for dim in dims]
    if len(set(places)) < len(places):
        raise Refusal("dims names a dimension twice", argument="dims")
    return input


@function("torch", method=True)
def roll(input: Tensor, shifts: Ints, dims: OptionalInts = None) -> TensorType:
    """Elements shifted along dimensions, around the end."""
    if shifts == ():
        raise Refusal("shifts must hold a number", argument="shifts")
    if dims is None or dims == ():
        if len(each(shifts, 1)) != 1:
            raise Refusal("several shifts need as many dims", argument="shifts", other="dims")
        return input
    if len(each(shifts, 1)) != len(each(dims, 1)):
        raise Refusal("shifts and dims must be equally long", argument="shifts", other="dims")
    if input.rank == 0:
        raise Refusal("input has no dimension to roll", argument="dims", other="input")
    for dim in each(dims, 1):
        dimension(dim, input.rank, "dims")
    return input


@function("torch", method=True)
def rot90(input: Tensor, k: Int = 1, dims: Wholes = (0, 1)) -> TensorType:
    """Turned k times by 90 degrees in the plane of two dimensions."""
    _need_dimensions(input, 2)
    places = [dimension(dim, input.rank, "dims") for dim in dims]
    if len(places) != 2 or places[0] == places[1]:
        raise Refusal("dims names two different dimensions", argument="dims")
    shape = list(input.shape)
    if k % 2:
        shape[places[0]], shape[places[1]] = shape[places[1]], shape[places[0]]
    return input.with_shape(shape)


@function("torch", method=True)
def fliplr(input: Tensor) -> TensorType:
    """The order along the second dimension reversed."""
    _need_dimensions(input, 2)
    return input


@function("torch", method=True)
def flipud(input: Tensor) -> TensorType:
    """The order along the first dimension reversed."""
    _need_dimensions(input, 1)
    return input


def _need_dimensions(input: TensorType, least: int) -> None:
    if input.rank < least:
        raise Refusal(
            f"input must have at least {least} dimension{'' if least == 1 else 's'},"
            f" seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )


@function("torch", method=True, variadic="dims")
def tile(input: Tensor, dims: Sizes) -> TensorType:
    """As repeat; where fewer numbers than dimensions are given, they are of the last ones."""
    missing = max(input.rank - len(dims), 0)
    return _repeated(input, (*[Dim.of(1)] * missing, *dims), "dims")


@function("torch", method=True)
def repeat_interleave(
    input: Tensor,
    repeats: Repeats = None,
    dim: OptionalInt = None,
    *,
    output_size: OptionalSize = None,
) -> TensorType:
    """Each element so many times, one after the other: along a dimension, or of all elements.

    With a tensor for `repeats` the result's size is `output_size`, which torch cannot do without
    data. A vector of whole numbers alone gives its indices, each as often as its number says.
    """
    if repeats is None:
        return _repeated_indices(input, output_size)
    shape = (input.numel(),) if dim is None else input.shape
    if not shape:
        raise Refusal("a single number has no dimension to repeat", argument="dim", other="input")
    place = dimension(dim or 0, len(shape))
    if isinstance(repeats, TensorType):
        _need_repeats(repeats, shape[place])
        length = _known(output_size)
    else:
        need_at_least(repeats, 0, "repeats must not be negative", argument="repeats")
        length = shape[place] * repeats
        if output_size is not None:
            need_equal(length, output_size, "output_size must be true", argument="output_size")
    return input.with_shape((*shape[:place], length, *shape[place + 1 :]))


def _repeated_indices(repeats: TensorType, output_size: Dim | None) -> TensorType:
    need_rank(repeats, (1,), "input", "(n), or `repeats` is missing")
    _need_whole(repeats, "input")
    return repeats.with_shape((_known(output_size),))


def _need_repeats(repeats: TensorType, size: Dim) -> None:
    need_rank(repeats, (0, 1), "repeats", "(n) or a single number")
    _need_whole(repeats, "repeats")
    if repeats.rank == 1 and repeats.shape[0] != 1:
        need_equal(
            repeats.shape[0],
            size,
            "repeats has a number for each element",
            argument="repeats",
            other="input",
        )


def _need_whole(repeats: TensorType, argument: str) -> None:
    if repeats.dtype not in ("int64", "int32"):
        raise Refusal(
            f"repeats are int64 or int32, not {repeats.dtype}",
            code="dtype-mismatch",
            argument=argument,
        )


def _known(output_size: Dim | None) -> Dim:
    if output_size is None:
        raise Refusal(
            "the size of the result depends on data",
            code="shape-depends-on-data",
            argument="repeats",
            help="say output_size, the sum of repeats",
        )
    need_at_least(output_size, 0, "output_size must not be negative", argument="output_size")
    return output_size
