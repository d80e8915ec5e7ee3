"""Losses: calls, legal and illegal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, numbers, some
from layer_cases.losses import REDUCTIONS, near

from op_calls.base import INDEXED, Call, call
from specc.spec.tensor.type import TensorType

REAL = ["float32", "float32", "float64"]
INDEXED |= {
    *("cross_entropy", "nll_loss", "linear_cross_entropy"),
    *("multi_margin_loss", "multilabel_margin_loss"),
}


def typed(draw: Draw, shape: Sequence[int], dtypes: Sequence[str] = DTYPES) -> TensorType:
    dtype: Any = draw(st.sampled_from(dtypes))
    return TensorType.of(tuple(shape), dtype)


def _shape(draw: Draw) -> tuple[int, ...]:
    shape: tuple[int, ...] = draw(
        st.sampled_from([(), (3,), (2, 3), (2, 3), (1, 3), (2, 1), (2, 3, 4)])
    )
    return shape


@call
def _compared(draw: Draw) -> Call:
    names = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]
    name = draw(st.sampled_from(names))
    shape = _shape(draw)
    tensors = [typed(draw, shape), typed(draw, near(draw, shape))]
    arguments = some(draw, reduction=REDUCTIONS)
    if name in ("smooth_l1_loss", "huber_loss"):
        arguments |= some(draw, **{"beta" if name[0] == "s" else "delta": numbers})
    if name != "smooth_l1_loss":
        arguments |= some(draw, weight=st.just(typed(draw, near(draw, shape))))
    return name, list(tensors), arguments


@call
def _binary(draw: Draw) -> Call:
    names = ["soft_margin_loss", "hinge_embedding_loss", "multilabel_soft_margin_loss"]
    name = draw(
        st.sampled_from([*names, "binary_cross_entropy", "binary_cross_entropy_with_logits"])
    )
    shape = _shape(draw)
    first = typed(draw, shape)
    dtypes = [first.dtype] * 8 + DTYPES
    tensors = [first, typed(draw, near(draw, shape), dtypes)]
    arguments = some(draw, reduction=REDUCTIONS)
    weights = st.sampled_from([*dtypes, "int32"]).flatmap(
        lambda dtype: st.sampled_from([shape, shape[-1:], (), (1,), (3,), (2, 2, 3)]).map(
            lambda shape: TensorType.of(shape, dtype)  # type: ignore[arg-type]
        )
    )
    if name == "hinge_embedding_loss":
        arguments |= some(draw, margin=numbers)
    elif name != "soft_margin_loss":
        arguments |= some(draw, weight=weights)
    if name == "binary_cross_entropy_with_logits":
        arguments |= some(draw, pos_weight=weights)
    return name, list(tensors), arguments


@call
def _likelihood(draw: Draw) -> Call:
    name = draw(st.sampled_from(["kl_div", "poisson_nll_loss"]))
    shape = _shape(draw)
    tensors = [typed(draw, shape), typed(draw, near(draw, shape))]
    arguments = some(draw, reduction=REDUCTIONS)
    if name == "kl_div":
        return name, list(tensors), arguments | some(draw, log_target=flags)
    return name, list(tensors), arguments | some(draw, log_input=flags, full=flags, eps=numbers)


@call
def _gaussian(draw: Draw) -> Call:
    shape = _shape(draw)
    input, target = typed(draw, shape), typed(draw, near(draw, shape))
    of_var = [shape, shape, (*shape[:-1], 1), shape[:-1], (1, *shape[1:]), (1,) * len(shape)]
    var: Any = typed(draw, draw(st.sampled_from([*of_var, (), (1,)])))
    var = draw(st.sampled_from([var, var, 0.5, 0.0, 1, True, -0.5, float("nan")]))
    arguments = some(draw, reduction=REDUCTIONS, full=flags, eps=numbers)
    return "gaussian_nll_loss", [input, target, var], arguments


@call
def _classes(draw: Draw) -> Call:
    name = draw(st.sampled_from(["cross_entropy", "cross_entropy", "nll_loss"]))
    shape = draw(st.sampled_from([(3,), (2, 3), (2, 3, 4), (2, 3, 4, 5), (2, 3, 1, 1, 2), ()]))
    input = typed(draw, shape)
    place = 1 if len(shape) > 1 else 0
    rows = (*shape[:place], *shape[place + 1 :])
    target = typed(draw, near(draw, rows), ["int64", "int64", "int64", "uint8", "int32", "bool"])
    if name == "cross_entropy" and draw(flags):
        target = typed(draw, near(draw, shape))
    of_weight = st.sampled_from([(3,), (3,), (3,), (2,), (), (1, 3)])
    weight = typed(draw, draw(of_weight), [input.dtype] * 8 + DTYPES)
    arguments = some(draw, weight=st.just(weight), reduction=REDUCTIONS)
    arguments |= some(draw, ignore_index=st.sampled_from([-100, -1, 0, 2, 10]))
    if name == "cross_entropy":
        arguments |= some(draw, label_smoothing=st.sampled_from([0.0, 0.1, 1, 1.5, -0.1]))
    return name, [input, target], arguments


@call
def _linear_classes(draw: Draw) -> Call:
    batch = draw(st.sampled_from([*[(2,)] * 8, (), (2, 2)]))
    inner = draw(st.sampled_from([(), (), (4,), (4, 5)]))
    input = typed(draw, (*batch, 3), FLOATS_AND_WHOLE)
    weight = typed(draw, near(draw, (3, *inner, 3)), [input.dtype] * 9 + ["float64"])
    indices = typed(draw, near(draw, (*batch, *inner)), ["int64"] * 8 + ["int32"])
    of_classes = typed(draw, near(draw, (*batch, 3, *inner)), [input.dtype] * 8 + DTYPES)
    target = draw(st.sampled_from([indices, of_classes]))
    arguments = some(
        draw,
        linear_bias=st.just(typed(draw, near(draw, (3, *inner)), [input.dtype])),
        weight=st.just(typed(draw, near(draw, (3,)), [input.dtype] * 5 + ["float64"])),
        reduction=REDUCTIONS,
        ignore_index=st.sampled_from([-100, -1, 0, None]),
        label_smoothing=st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0, 1.1]),
    )
    return "linear_cross_entropy", [input, weight, target], arguments


FLOATS_AND_WHOLE = ["float32"] * 6 + ["float64", "bfloat16", "int64", "complex64"]


@call
def _margins(draw: Draw) -> Call:
    name = draw(st.sampled_from(["multi_margin_loss", "multilabel_margin_loss"]))
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    input = typed(draw, shape, REAL * 3 + DTYPES)
    rows = shape if name == "multilabel_margin_loss" else shape[: len(shape) - 1]
    of_target = draw(st.sampled_from([rows, rows, rows, near(draw, rows), (1,), ()]))
    target = typed(draw, of_target, ["int64"] * 6 + ["int32", "float32"])
    arguments = some(draw, reduction=REDUCTIONS)
    if name == "multilabel_margin_loss":
        return name, [input, target], arguments
    weight = typed(draw, near(draw, (3,)), [input.dtype] * 6 + ["int64"])
    return (
        name,
        [input, target],
        arguments
        | some(draw, p=st.sampled_from([1, 2, 0, 3]), margin=numbers, weight=st.just(weight)),
    )


@call
def _embeddings(draw: Draw) -> Call:
    name = draw(st.sampled_from(["cosine_embedding_loss", "margin_ranking_loss"]))
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    one, other = typed(draw, shape), typed(draw, near(draw, shape))
    rows = shape if name == "margin_ranking_loss" else shape[: len(shape) - 1]
    target = typed(draw, near(draw, rows), ["float32", "int64", "float64", "bool", "complex64"])
    return name, [one, other, target], some(draw, margin=numbers, reduction=REDUCTIONS)


@call
def _triplets(draw: Draw) -> Call:
    name = draw(st.sampled_from(["triplet_margin_loss", "triplet_margin_with_distance_loss"]))
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    tensors: list[Any] = [typed(draw, near(draw, shape)) for _ in range(3)]
    arguments = some(draw, margin=numbers, swap=flags, reduction=REDUCTIONS)
    if name == "triplet_margin_loss":
        arguments |= some(draw, p=numbers, eps=numbers)
    return name, tensors, arguments


@call
def _sequence(draw: Draw) -> Call:
    shape = draw(st.sampled_from([(4, 2, 3), (4, 2, 3), (4, 3), (1, 1, 3), (3,), (4, 2, 3, 1)]))
    rows = shape[1] if len(shape) == 3 else 1
    log_probs = typed(draw, shape, REAL * 3 + DTYPES)
    targets = typed(draw, draw(st.sampled_from([(rows, 2), (rows,), (2 * rows,), (rows, 1), ()])))
    lengths = st.lists(st.sampled_from([1, 1, 1, 2, 4, 5, 0, -1]), min_size=rows, max_size=rows)
    given: list[Any] = [draw(lengths), draw(lengths)]
    if draw(flags):
        given = [typed(draw, near(draw, (rows,)), ["int64"] * 4 + ["int32", "float32"])] * 2
        # The tensors hold ones: targets in a row are as many.
        targets = typed(draw, draw(st.sampled_from([(rows, 2), (rows, 1), (rows,)])))
    elif not draw(st.integers(0, 9)):
        given[1] = TensorType.of((rows,), "int64")
    arguments = some(
        draw,
        blank=st.sampled_from([0, 2, 3, -1]),
        reduction=REDUCTIONS,
        zero_infinity=flags,
    )
    return "ctc_loss", [log_probs, targets, *given], arguments
