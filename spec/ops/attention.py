"""Attention.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
"""

from ..refusal import Refusal
from ..tensor.check import broadcast, need_equal, need_multiple, same
from ..tensor.cost import spend
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import Flag, OptionalAnyNumber, OptionalTensor, Probability, Tensor, function
from .matrix import need_same_dtype
from .pointwise import floating


@function("F")
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: OptionalTensor = None,
    dropout_p: Probability = 0.0,
    is_causal: Flag = False,
    *,
    scale: OptionalAnyNumber = None,
    enable_gqa: Flag = False,
) -> TensorType:
    """(*, heads, L, E), (*, heads, S, E), (*, heads, S, Ev) -> (*, heads, L, Ev)"""
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.rank < 2:
            raise Refusal(
                f"{name} is (*, length, width), seen is {shape_text(tensor.shape)}",
                code="shape-mismatch",
                argument=name,
            )
        need_same_dtype(name, tensor, "query", query)
    floating(query.dtype)
    what = "query and key must be equally wide"
    need_equal(query.shape[-1], key.shape[-1], what, argument="key", other="query")
    what = "key and value must be equally long"
    need_equal(key.shape[-2], value.shape[-2], what, argument="value", other="key")
    batch = _batch(query, key, value, enable_gqa)
    if attn_mask is not None:
        # torch adds the mask to the scores in place, before it looks at value.
        leading = _batch(query, key, key, enable_gqa)
        _need_mask(attn_mask, query, (*leading, query.shape[-2], key.shape[-2]), is_causal)
    scores = (*batch, query.shape[-2], key.shape[-2])
    spend(2 * product(scores) * (query.shape[-1] + value.shape[-1]))
    return query.with_shape((*batch, query.shape[-2], value.shape[-1]))


def _batch(query: TensorType, key: TensorType, value: TensorType, grouped: bool) -> Shape:
    """The leading sizes; grouped queries share the heads of keys and values."""
    if not grouped:
        shapes = (query.shape[:-2], key.shape[:-2], value.shape[:-2])
        return broadcast(*shapes, names=("query", "key", "value"))
    if min(query.rank, key.rank, value.rank) < 3:
        raise Refusal("enable_gqa needs a dimension of heads", argument="enable_gqa")
    for name, tensor in (("key", key), ("value", value)):
        heads = tensor.shape[-3]
        if same(heads, query.shape[-3]):
            continue
        if not heads.is_constant or heads == 0:
            raise Refusal(
                f"the heads of {name} must be constant",
                code="shape-depends-on-size",
                argument=name,
            )
        what = f"the heads of query must be a multiple of those of {name}"
        need_multiple(query.shape[-3], int(heads), what, argument=name, other="query")
    shapes = (query.shape[:-3], key.shape[:-3], value.shape[:-3])
    return (*broadcast(*shapes, names=("query", "key", "value")), query.shape[-3])


def _need_mask(mask: TensorType, query: TensorType, scores: Shape, is_causal: bool) -> None:
    if is_causal:
        raise Refusal(
            "attn_mask and is_causal exclude each other", argument="attn_mask", other="is_causal"
        )
    if mask.dtype not in ("bool", query.dtype, "float32"):
        raise Refusal(
            f"attn_mask must be bool or {query.dtype}, not {mask.dtype}",
            code="dtype-mismatch",
            argument="attn_mask",
            other="query",
        )
    if not 2 <= mask.rank <= len(scores):
        raise Refusal(
            f"attn_mask must broadcast to {shape_text(scores)}, seen is {shape_text(mask.shape)}",
            code="shape-mismatch",
            argument="attn_mask",
        )
    joint = broadcast(scores, mask.shape, names=("query", "attn_mask"))
    for seen, wanted in zip(joint, scores, strict=True):
        what = f"attn_mask must broadcast to {shape_text(scores)}"
        need_equal(seen, wanted, what, argument="attn_mask", other="query")
