"""Attention of several heads, with its projections.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
"""

from ..record import Record
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.dtype import DType, category, promote
from ..tensor.type import Shape, TensorType, product, shape_text
from .attention import scaled_dot_product_attention
from .base import Flag, OptionalFlag, OptionalTensor, Positive, Probability, Tensor, function
from .dropout import need_training
from .matrix import linear, need_same_dtype
from .pointwise import floating

Attended = tuple[TensorType, TensorType | None]
"""The output, and the weights where they are asked for."""
Three = tuple[TensorType | None, TensorType | None, TensorType | None]


@function("F")
def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: Positive,
    num_heads: Positive,
    in_proj_weight: OptionalTensor,
    in_proj_bias: OptionalTensor,
    bias_k: OptionalTensor,
    bias_v: OptionalTensor,
    add_zero_attn: Flag,
    dropout_p: Probability,
    out_proj_weight: Tensor,
    out_proj_bias: OptionalTensor,
    training: OptionalFlag = None,
    key_padding_mask: OptionalTensor = None,
    need_weights: Flag = True,
    attn_mask: OptionalTensor = None,
    use_separate_proj_weight: Flag = False,
    q_proj_weight: OptionalTensor = None,
    k_proj_weight: OptionalTensor = None,
    v_proj_weight: OptionalTensor = None,
    static_k: OptionalTensor = None,
    static_v: OptionalTensor = None,
    average_attn_weights: Flag = True,
    is_causal: Flag = False,
) -> Attended:
    """(L, N, E), (S, N, K), (S, N, V) -> (L, N, E), (N, L, S); N may be missing."""
    need_training(training)
    sizes = _sizes(query, key, value, embed_dim_to_check, num_heads)
    mask = _merged_mask(sizes, query.dtype, attn_mask, key_padding_mask, is_causal)
    mask = mask if need_weights or key_padding_mask or not is_causal else None
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    _project((query, key, value), in_proj_weight, separate, in_proj_bias)
    sizes = _with_bias(sizes, query, bias_k, bias_v)
    sizes = _with_static(sizes, query, (bias_k, bias_v), (static_k, static_v), mask)
    sizes = sizes.longer(add_zero_attn)
    _attend(sizes, query, mask, need_weights)
    output = _projected(query, out_proj_weight, out_proj_bias)
    return output, query.with_shape(sizes.weights(average_attn_weights)) if need_weights else None


class _Sizes(Record):
    """How long the sequences are, how many there are, and how many heads.

    source: of the keys, with what is added to them. heads: `num_heads`.
    """

    target: Dim
    source: Dim
    batch: Dim
    heads: int
    is_batched: bool

    def longer(self, by: int) -> "_Sizes":
        """With so many more keys."""
        return self.replace(source=self.source + by)

    def weights(self, averaged: bool) -> Shape:
        """The shape of the weights: of each head, or their mean."""
        heads = () if averaged else (Dim.of(self.heads),)
        return (*((self.batch,) if self.is_batched else ()), *heads, self.target, self.source)


def _need_width(query: TensorType, embed_dim: int, num_heads: int) -> None:
    """Refuses a query of another width, and heads that don't share it equally."""
    if embed_dim % num_heads:
        raise Refusal(
            f"embed_dim must be a multiple of num_heads: {embed_dim} is not one of {num_heads}",
            argument="embed_dim_to_check",
            other="num_heads",
        )
    need_rank(query, (2, 3), "query", "a sequence with a batch, or without one")
    what = "query must be embed_dim wide"
    width = Dim.of(embed_dim)
    need_equal(query.shape[-1], width, what, argument="query", other="embed_dim_to_check")


def _sizes(query: TensorType, key: TensorType, value: TensorType, width: int, heads: int) -> _Sizes:
    """What the sequences have in common. Refuses those that don't go together."""
    _need_width(query, width, heads)
    for name, tensor in (("key", key), ("value", value)):
        need_rank(tensor, (query.rank,), name, f"of {query.rank} dimensions, as query")
        need_same_dtype(name, tensor, "query", query)
    floating(query.dtype)
    what = "key and value must be equally long"
    need_equal(key.shape[0], value.shape[0], what, argument="value", other="key")
    sizes = _Sizes(query.shape[0], key.shape[0], Dim.of(1), heads, query.rank == 3)
    if sizes.is_batched:
        sizes = sizes.replace(batch=query.shape[1])
        for name, tensor in (("key", key), ("value", value)):
            what = f"query and {name} must have the same batch"
            need_equal(tensor.shape[1], sizes.batch, what, argument=name, other="query")
    for size in (sizes.target, sizes.batch):
        need_at_least(size, 1, "there must be something to attend from", argument="query")
    need_at_least(sizes.source, 1, "there must be something to attend to", argument="key")
    return sizes


def _merged_mask(
    sizes: _Sizes,
    dtype: DType,
    attn_mask: TensorType | None,
    padding: TensorType | None,
    is_causal: bool,
) -> TensorType | None:
    """The mask that is added to the scores: (1 or N * heads, 1 or L, S)."""
    rows = Dim.of(1)
    merged: DType | None = None
    if is_causal and attn_mask is None:
        raise Refusal(
            "is_causal is a hint that attn_mask is causal: attn_mask must be given too",
            argument="is_causal",
            help="attn_mask = a tensor (L, S) that is true above the diagonal",
        )
    if padding is not None:
        shape = (sizes.batch, sizes.source) if sizes.is_batched else (sizes.source,)
        _need_shape(padding, "key_padding_mask", (shape,))
        merged = _mask_dtype(padding, "key_padding_mask", dtype)
    if attn_mask is not None:
        scores = (sizes.target, sizes.source)
        shapes = (scores, (sizes.batch * sizes.heads, *scores))
        note = ", with is_causal too" if is_causal else ""
        _need_shape(attn_mask, "attn_mask", shapes, note)
        own = _mask_dtype(attn_mask, "attn_mask", dtype, note)
        merged = promote(own, merged) if merged else own
        rows = sizes.target
    if merged is None:
        return None
    several = padding is not None or (attn_mask is not None and attn_mask.rank == 3)
    count = sizes.batch * sizes.heads if several else Dim.of(1)
    return TensorType((count, rows, sizes.source), merged)


def _need_shape(mask: TensorType, name: str, shapes: tuple[Shape, ...], note: str = "") -> None:
    fitting = [shape for shape in shapes if len(shape) == mask.rank]
    what = f"{name} must be {' or '.join(map(shape_text, shapes))}{note}"
    if not fitting:
        raise Refusal(
            f"{what}, seen is {shape_text(mask.shape)}", code="shape-mismatch", argument=name
        )
    for seen, wanted in zip(mask.shape, fitting[0], strict=True):
        need_equal(seen, wanted, what, argument=name, other="query")


def _mask_dtype(mask: TensorType, name: str, dtype: DType, note: str = "") -> DType:
    """The dtype in which a mask is added."""
    if mask.dtype == "bool":
        return dtype
    if category(mask.dtype) != "float":
        raise Refusal(
            f"{name} must be bool or floating-point{note}, not {mask.dtype}",
            code="dtype-mismatch",
            argument=name,
        )
    return mask.dtype


def _project(
    inputs: tuple[TensorType, TensorType, TensorType],
    packed: TensorType | None,
    separate: Three | None,
    bias: TensorType | None,
) -> None:
    """Brings query, key and value to one width, by one weight for all or by three."""
    width = inputs[0].shape[-1]
    if bias is not None:
        _need_exactly("in_proj_bias", bias, (3 * width,), inputs[0])
    names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
    if separate is None:
        names = ("in_proj_weight",) * 3
        separate = (_third(packed, width),) * 3
    for name, argument, tensor, weight in zip(
        names, ("query", "key", "value"), inputs, separate, strict=True
    ):
        if weight is None:
            raise Refusal(f"{name} is needed here", code="missing-argument", argument=name)
        need_rank(weight, (2,), name, "(embed_dim, width of its input)")
        what = f"{name} must have embed_dim rows"
        need_equal(weight.shape[0], width, what, argument=name, other="query")
        try:
            linear(tensor, weight)
        except Refusal as refusal:
            raise refusal.renamed(input=argument, weight=name, in_features=name) from None


def _third(packed: TensorType | None, width: Dim) -> TensorType | None:
    """The part of `in_proj_weight` that each input gets."""
    if packed is None or packed.rank != 2:
        return packed
    what = "in_proj_weight must have 3 * embed_dim rows"
    need_equal(packed.shape[0], 3 * width, what, argument="in_proj_weight", other="query")
    return packed.with_shape((width, packed.shape[1]))


def _with_bias(
    sizes: _Sizes, query: TensorType, bias_k: TensorType | None, bias_v: TensorType | None
) -> _Sizes:
    """One more key, where there is a bias for keys and values."""
    if bias_k is None and bias_v is None:
        return sizes
    for name, bias in (("bias_k", bias_k), ("bias_v", bias_v)):
        if bias is None:
            raise Refusal("bias_k and bias_v go together", argument=name)
        # It is repeated over the batch, which fills in leading dimensions.
        whole = (Dim.of(1), Dim.of(1), query.shape[-1])
        wanted = whole[-bias.rank :] if 0 < bias.rank < len(whole) else whole
        _need_exactly(name, bias, wanted, query)
    return sizes.longer(1)


def _with_static(
    sizes: _Sizes,
    query: TensorType,
    biases: tuple[TensorType | None, TensorType | None],
    statics: tuple[TensorType | None, TensorType | None],
    mask: TensorType | None,
) -> _Sizes:
    """The length of the keys, where they are given as they are after the projection."""
    lengths = []
    for name, static in zip(("static_k", "static_v"), statics, strict=True):
        if static is None:
            lengths.append(sizes.source)
            continue
        if biases != (None, None):
            raise Refusal(f"{name} takes no bias", argument=name, other="bias_k")
        need_rank(static, (3,), name, "(N * num_heads, S, embed_dim / num_heads)")
        head = query.shape[-1] // sizes.heads
        wanted = (sizes.batch * sizes.heads, static.shape[1], head)
        _need_exactly(name, static, wanted, query)
        lengths.append(static.shape[1])
    what = "keys and values must be equally long"
    need_equal(lengths[0], lengths[1], what, argument="static_v", other="static_k")
    if mask is not None:
        what = "static_k must be as long as the masks"
        need_equal(lengths[0], sizes.source, what, argument="static_k", other="attn_mask")
    return sizes.replace(source=lengths[0])


def _need_exactly(name: str, tensor: TensorType, wanted: Shape, query: TensorType) -> None:
    what = f"{name} must be exactly {shape_text(wanted)}"
    if tensor.rank != len(wanted):
        seen = f"{what}, seen is {shape_text(tensor.shape)}"
        raise Refusal(seen, code="shape-mismatch", argument=name, other="query")
    for size, exact in zip(tensor.shape, wanted, strict=True):
        need_equal(size, exact, what, argument=name, other="query")
    need_same_dtype(name, tensor, "query", query)


def _attend(sizes: _Sizes, query: TensorType, mask: TensorType | None, need_weights: bool) -> None:
    """Attention of each head; only where the weights are asked for, it is written out."""
    head = query.shape[-1] // sizes.heads
    heads = (sizes.batch, Dim.of(sizes.heads))
    states = query.with_shape((*heads, sizes.source, head))
    queries = query.with_shape((*heads, sizes.target, head))
    if need_weights:
        if mask is not None and mask.dtype != query.dtype:
            raise Refusal(
                f"with need_weights the masks must be bool or {query.dtype}, not {mask.dtype}",
                code="dtype-mismatch",
                argument="attn_mask",
                other="query",
            )
        spend(4 * product((*heads, sizes.target, sizes.source, head)))
        return
    if mask is not None:
        rows = mask.shape[1]
        leading = (Dim.of(1), Dim.of(1)) if mask.shape[0] == 1 else heads
        mask = mask.with_shape((*leading, rows, sizes.source))
    scaled_dot_product_attention(queries, states, states, mask)


def _projected(query: TensorType, weight: TensorType, bias: TensorType | None) -> TensorType:
    """What the heads have found, brought to the width of the output."""
    need_rank(weight, (2,), "out_proj_weight", "(width of the output, embed_dim)")
    if bias is not None:
        _need_exactly("out_proj_bias", bias, weight.shape[:1], query)
    try:
        return linear(query, weight, bias)
    except Refusal as refusal:
        names = {"input": "query", "weight": "out_proj_weight", "in_features": "out_proj_weight"}
        raise refusal.renamed(**names) from None
