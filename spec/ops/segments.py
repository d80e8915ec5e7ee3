"""Reductions of consecutive slices, each as long as a tensor says.

Source: https://github.com/pytorch/pytorch/blob/v2.13.0/aten/src/ATen/native/SegmentReduce.cpp
"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import dimension, need_at_least, need_equal
from ..tensor.type import Shape, TensorType, shape_text
from .base import Flag, Int, OptionalScalar, OptionalTensor, Tensor, function
from .pointwise import floating

Reduce = Annotated[str, Choice("sum", "prod", "mean", "amax", "amin", "max", "min")]


@function("torch")
def segment_reduce(
    data: Tensor,
    reduce: Reduce,
    *,
    lengths: OptionalTensor = None,
    indices: OptionalTensor = None,
    offsets: OptionalTensor = None,
    axis: Int = 0,
    unsafe: Flag = False,
    initial: OptionalScalar = None,
) -> TensorType:
    """(*, n, *rest) with lengths (*, m) or offsets (*, m + 1) -> (*, m, *rest)"""
    if indices is not None:
        raise Refusal("torch takes no indices yet: give lengths", argument="indices")
    name, given = ("offsets", offsets) if offsets is not None else ("lengths", lengths)
    if given is None:
        raise Refusal("lengths or offsets must be given", argument="lengths")
    place = dimension(axis, data.rank)
    shape = _segments(data, place, given, name)
    if name == "lengths" and not unsafe:
        need_at_least(given.numel(), 1, "torch checks the lengths", argument="lengths")
    try:
        return TensorType((*shape, *data.shape[place + 1 :]), floating(data.dtype))
    except Refusal as refusal:
        raise refusal.renamed(input="data") from None


def _segments(data: TensorType, place: int, given: TensorType, name: str) -> Shape:
    """The shape of what counts the segments, which ends in how many there are."""
    if given.dtype not in ("int32", "int64"):
        raise Refusal(
            f"{name} is int32 or int64, not {given.dtype}", code="dtype-mismatch", argument=name
        )
    if given.rank != place + 1 or not data.rank:
        raise Refusal(
            f"axis is the last dimension of {name}, seen is {shape_text(given.shape)}",
            code="shape-mismatch",
            argument=name,
            other="axis",
        )
    what = f"{name} and data have the same sizes before the axis"
    for size, other in zip(given.shape[:-1], data.shape[:place], strict=True):
        need_equal(size, other, what, argument=name, other="data")
    if name == "lengths":
        return given.shape
    need_at_least(given.shape[-1], 1, "the offsets begin with 0", argument=name)
    return (*given.shape[:-1], given.shape[-1] - 1)
