"""Rows chosen by number.

Source: https://docs.pytorch.org/docs/stable/nn.functional.html#sparse-functions
"""

from ..refusal import Refusal
from ..tensor.check import need_at_least, need_rank
from ..tensor.dim import Dim
from ..tensor.dtype import category
from ..tensor.type import TensorType
from .base import (
    AnyNumber,
    Flag,
    Int,
    OptionalAnyNumber,
    OptionalInt,
    Tensor,
    function,
)


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
        raise Refusal(
            f"input must be int64 or int32, not {input.dtype}",
            code="dtype-mismatch",
            argument="input",
        )
    need_rank(weight, (2,), "weight", "(num_embeddings, embedding_dim)")
    if category(weight.dtype) == "complex":
        raise Refusal(
            "torch learns no complex embeddings", code="dtype-mismatch", argument="weight"
        )
    if padding_idx is not None:
        need_row(padding_idx, weight.shape[0])
    if all(size.constant != 0 for size in input.shape):
        need_at_least(weight.shape[0], 1, "there must be a row", argument="num_embeddings")
    return TensorType((*input.shape, weight.shape[1]), weight.dtype)


def need_row(padding_idx: int, rows: Dim) -> None:
    """Refuses a padding index that is no row, counted from either end."""
    what = f"padding_idx = {padding_idx} must lie within num_embeddings = {rows}"
    room = rows + padding_idx if padding_idx < 0 else rows - padding_idx - 1
    need_at_least(room, 0, what, argument="padding_idx", other="num_embeddings")


@function("F")
def one_hot(tensor: Tensor, num_classes: Int = -1) -> TensorType:
    """(*) -> (*, num_classes)"""
    if num_classes == -1:
        raise Refusal(
            "num_classes must be given: without it the shape depends on data",
            code="shape-depends-on-data",
            argument="num_classes",
        )
    if num_classes < 1:
        raise Refusal(f"num_classes must be at least 1, not {num_classes}", argument="num_classes")
    if tensor.dtype != "int64":
        raise Refusal(
            f"one_hot takes int64, not {tensor.dtype}", code="dtype-mismatch", argument="tensor"
        )
    return tensor.with_shape((*tensor.shape, num_classes))
