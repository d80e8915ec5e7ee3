"""Losses of vectors that are to be near or far, and of scores that are to be in order.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
"""

from typing import Annotated

from ..kinds import Nothing
from ..refusal import Refusal
from ..tensor.check import broadcast
from ..tensor.dtype import promote, to_float
from ..tensor.type import TensorType, shape_text
from .base import AnyNumber, Flag, Tensor, function, result_type
from .distance import pairwise_distance
from .loss import Reduction, need_numbers, need_real, need_same_shape, summed
from .pointwise import elementwise


@function("F")
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: AnyNumber = 0,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, width), the same, (N,) of 1 and -1 -> (N,) or one number; N may be missing."""
    for name, tensor in (("input1", input1), ("input2", input2)):
        need_real(tensor, name)
    if target.rank > 1 or not input1.rank == input2.rank == target.rank + 1:
        raise Refusal(
            "the inputs are (batch, width) and the target (batch,), or (width,) and ();"
            f" seen are {shape_text(input1.shape)}, {shape_text(input2.shape)} and"
            f" {shape_text(target.shape)}",
            code="shape-mismatch",
            argument="target" if input2.rank == input1.rank else "input2",
            other="input1",
        )
    shape = broadcast(input1.shape, input2.shape, names=("input1", "input2"))
    losses = input1.with_shape(shape[:-1])
    need_same_shape(losses, target)
    return summed(losses.shape, promote(to_float(input1.dtype), to_float(input2.dtype)), reduction)


@function("F")
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: AnyNumber = 0,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    """Three of the same shape, the target of 1 and -1 -> the same shape or one number"""
    for name, tensor in (("input1", input1), ("input2", input2), ("target", target)):
        need_real(tensor, name)
        need_numbers(tensor, name)
    _need_same_rank(input1=input1, input2=input2, target=target)
    shape = broadcast(input1.shape, input2.shape, names=("input1", "input2"))
    need_same_shape(input1.with_shape(shape), target)
    return summed(shape, to_float(result_type(input1, input2, target)), reduction)


@function("F")
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: AnyNumber = 1.0,
    p: AnyNumber = 2,
    eps: AnyNumber = 1e-06,
    swap: Flag = False,
    *,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, width) or (width,), three times -> (N,), () or one number"""
    return _triplet(anchor, positive, negative, margin, swap, reduction, p)


@function("F")
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Annotated[None, Nothing()] = None,
    margin: AnyNumber = 1.0,
    swap: Flag = False,
    reduction: Reduction = "mean",
) -> TensorType:
    """(N, width) or (width,), three times -> (N,), () or one number"""
    return _triplet(anchor, positive, negative, margin, swap, reduction)


def _triplet(
    anchor: TensorType,
    positive: TensorType,
    negative: TensorType,
    margin: float,
    swap: bool,
    reduction: str,
    p: float = 2,
) -> TensorType:
    need_margin(margin)
    _need_same_rank(anchor=anchor, positive=positive, negative=negative)
    near = _distance(p, anchor=anchor, positive=positive)
    far = _distance(p, anchor=anchor, negative=negative)
    if swap:
        between = _distance(p, positive=positive, negative=negative)
        far = _joint(far, between, ("anchor", "positive"))
    losses = _joint(near, far, ("positive", "negative"))
    return summed(losses.shape, losses.dtype, reduction)


def need_margin(margin: float) -> None:
    """Refuses a margin that asks for nothing."""
    if margin <= 0:
        raise Refusal(f"margin must be above 0, not {margin}", argument="margin")


def _distance(p: float, **pair: TensorType) -> TensorType:
    (first, one), (second, other) = pair.items()
    try:
        return pairwise_distance(one, other, p)
    except Refusal as refusal:
        raise refusal.renamed(x1=first, x2=second) from None


def _joint(one: TensorType, other: TensorType, names: tuple[str, str]) -> TensorType:
    return elementwise(to_float, one, other, names=names)


def _need_same_rank(**given: TensorType) -> None:
    (first, tensor), *others = given.items()
    for name, other in others:
        if other.rank != tensor.rank:
            raise Refusal(
                f"{name} must have as many dimensions as {first}, {tensor.rank}, seen is"
                f" {shape_text(other.shape)}",
                code="shape-mismatch",
                argument=name,
                other=first,
            )
