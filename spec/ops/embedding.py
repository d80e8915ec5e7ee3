"""Rows chosen by number.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#sparse-functions
"""

from typing import Annotated

from ..kinds import Choice
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank, need_shape
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category
from ..tensor.type import TensorType
from .base import (
    AnyNumber,
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalInt,
    OptionalTensor,
    Tensor,
    function,
)
from .matrix import need_same_dtype

BagMode = Annotated[str, Choice("sum", "mean", "max")]


@function("F")
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: OptionalInt = None,
    max_norm: OptionalAnyNumber = None,
    norm_type: AnyNumber = 2.0,
    scale_grad_by_freq: Flag = False,
    sparse: Flag = False,
) -> TensorType:
    """(*), (num_embeddings, embedding_dim) -> (*, embedding_dim)"""
    if input.dtype not in ("int64", "int32"):
        raise _no_index(input.dtype)
    need_rank(weight, (2,), "weight", "(num_embeddings, embedding_dim)")
    if category(weight.dtype) == "complex":
        raise Refusal(
            "torch learns no complex embeddings", code="dtype-mismatch", argument="weight"
        )
    if max_norm is not None and category(weight.dtype) not in ("float", "complex"):
        raise Refusal(
            f"torch takes no norm of {weight.dtype}",
            code="dtype-mismatch",
            argument="weight",
            other="max_norm",
        )
    if padding_idx is not None:
        need_row(padding_idx, weight.shape[0])
    if all(size.constant != 0 for size in input.shape):
        need_at_least(weight.shape[0], 1, "there must be a row", argument="num_embeddings")
    return TensorType((*input.shape, weight.shape[1]), weight.dtype)


@function("F")
def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: OptionalTensor = None,
    max_norm: OptionalAnyNumber = None,
    norm_type: AnyNumber = 2.0,
    scale_grad_by_freq: Flag = False,
    mode: BagMode = "mean",
    sparse: Flag = False,
    per_sample_weights: OptionalTensor = None,
    include_last_offset: Flag = False,
    padding_idx: OptionalInt = None,
) -> TensorType:
    """(B, N), (num_embeddings, embedding_dim) -> (B, embedding_dim); or (N,) with offsets (B,)"""
    _need_weight(weight)
    if input.dtype not in ("int64", "int32"):
        raise _no_index(input.dtype)
    if mode == "max" and (scale_grad_by_freq or sparse):
        wrong = "scale_grad_by_freq" if scale_grad_by_freq else "sparse"
        raise Refusal(f'mode "max" knows no {wrong}', argument=wrong, other="mode")
    if per_sample_weights is not None:
        _need_sample_weights(per_sample_weights, input, weight, mode)
    if padding_idx is not None:
        need_row(padding_idx, weight.shape[0])
    bags = _bags(input, offsets, include_last_offset)
    return TensorType((bags, weight.shape[1]), weight.dtype)


def _need_weight(weight: TensorType) -> None:
    need_rank(weight, (2,), "weight", "(num_embeddings, embedding_dim)")
    if category(weight.dtype) != "float":
        raise Refusal(
            f"torch adds no embeddings of {weight.dtype}",
            code="dtype-mismatch",
            argument="weight",
        )


def _need_sample_weights(
    weights: TensorType, input: TensorType, weight: TensorType, mode: str
) -> None:
    if mode != "sum":
        raise Refusal(
            f'per_sample_weights needs mode "sum", not "{mode}"',
            argument="per_sample_weights",
            other="mode",
        )
    need_same_dtype("per_sample_weights", weights, "weight", weight)
    need_shape(weights, input.shape, "per_sample_weights", "input")


def _bags(input: TensorType, offsets: TensorType | None, include_last_offset: bool) -> Dim:
    """How many bags there are: rows of the input, or places where one begins."""
    need_rank(input, (1, 2), "input", "(B, N), or (N,) with offsets")
    if input.rank == 2:
        if offsets is not None:
            raise Refusal("an input (B, N) takes no offsets", argument="offsets", other="input")
        need_at_least(input.shape[1], 1, "a bag must hold something", argument="input")
        return input.shape[0]
    if offsets is None:
        raise Refusal(
            "an input (N,) needs offsets, where each bag begins",
            argument="offsets",
            other="input",
            code="missing-argument",
        )
    need_rank(offsets, (1,), "offsets", "(B,)")
    if category(offsets.dtype) not in ("bool", "integer"):
        raise Refusal(
            f"offsets must be whole numbers, not {offsets.dtype}",
            code="dtype-mismatch",
            argument="offsets",
        )
    if not include_last_offset:
        return offsets.shape[0]
    what = "with include_last_offset, offsets must hold the last end"
    need_at_least(offsets.shape[0], 1, what, argument="offsets", other="include_last_offset")
    return offsets.shape[0] - 1


def _no_index(dtype: DType) -> Refusal:
    return Refusal(
        f"input must be int64 or int32, not {dtype}", code="dtype-mismatch", argument="input"
    )


def need_row(padding_idx: int, rows: Dim) -> None:
    """Refuses a padding index that is no row, counted from either end."""
    what = f"padding_idx = {padding_idx} must lie within num_embeddings = {rows}"
    room = rows + padding_idx if padding_idx < 0 else rows - padding_idx - 1
    need_at_least(room, 0, what, argument="padding_idx", other="num_embeddings")


@function("F")
def one_hot(input: Tensor, num_classes: Int = -1) -> TensorType:
    """(*) -> (*, num_classes)"""
    if num_classes == -1:
        raise Refusal(
            "num_classes must be given: without it the shape depends on data",
            code="shape-depends-on-data",
            argument="num_classes",
        )
    if num_classes < 1:
        raise Refusal(f"num_classes must be at least 1, not {num_classes}", argument="num_classes")
    if input.dtype != "int64":
        raise Refusal(
            f"one_hot takes int64, not {input.dtype}", code="dtype-mismatch", argument="input"
        )
    return input.with_shape((*input.shape, num_classes))
