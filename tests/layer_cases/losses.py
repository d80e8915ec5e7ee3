"""Losses as layers: arguments and inputs, legal and illegal."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan
from typing import Any

from hypothesis import strategies as st
from torch_reference import Signature

from layer_cases.base import DTYPES, Case, Draw, case, flags, numbers, some

REDUCTIONS = st.sampled_from(["none", "none", "sum", "mean", "batchmean"])
MOSTLY = ["float32"] * 4 + DTYPES


def near(draw: Draw, shape: Sequence[int]) -> tuple[int, ...]:
    """Mostly the same shape, else one with a size or a dimension changed."""
    sizes = list(shape)
    match draw(st.integers(0, 11)):
        case 0:
            sizes.append(1)
        case 1 if sizes:
            sizes[draw(st.integers(0, len(sizes) - 1))] = draw(st.sampled_from([1, 2, 4]))
        case 2 if sizes:
            sizes.pop(draw(st.sampled_from([0, -1])))
    return tuple(sizes)


def typed(draw: Draw, shape: Sequence[int], dtypes: Sequence[str] = MOSTLY) -> Signature:
    return tuple(shape), draw(st.sampled_from(dtypes))


def weights(draw: Draw, shape: Sequence[int]) -> Any:
    """A list that stands for a tensor of about this shape."""
    made: Any = draw(st.sampled_from([1, 0.5, 2.0]))
    for size in reversed(near(draw, shape)):
        made = [made] * size
    return made


def _shape(draw: Draw) -> tuple[int, ...]:
    shape: tuple[int, ...] = draw(
        st.sampled_from([(), (3,), (2, 3), (2, 3), (1, 3), (2, 1), (2, 3, 4)])
    )
    return shape


@case("MSELoss", "L1Loss", "SoftMarginLoss")
def _compared(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    return some(draw, reduction=REDUCTIONS), list(inputs)


@case("SmoothL1Loss")
def _smooth(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    return some(draw, reduction=REDUCTIONS, beta=numbers), list(inputs)


@case("HuberLoss")
def _huber(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    return some(draw, reduction=REDUCTIONS, delta=numbers), list(inputs)


@case("HingeEmbeddingLoss")
def _hinge(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    return some(draw, reduction=REDUCTIONS, margin=numbers), list(inputs)


@case("BCELoss", "MultiLabelSoftMarginLoss")
def _binary(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    weight = weights(draw, draw(st.sampled_from([shape, shape[-1:], ()])))
    return some(draw, reduction=REDUCTIONS, weight=st.just(weight)), list(inputs)


@case("BCEWithLogitsLoss")
def _logits(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    of_weight = st.sampled_from([shape, shape[-1:], ()])
    arguments = some(
        draw,
        reduction=REDUCTIONS,
        weight=st.just(weights(draw, draw(of_weight))),
        pos_weight=st.just(weights(draw, draw(of_weight))),
    )
    return arguments, list(inputs)


@case("KLDivLoss")
def _divergence(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    return some(draw, reduction=REDUCTIONS, log_target=flags), list(inputs)


@case("PoissonNLLLoss")
def _counts(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    arguments = some(draw, reduction=REDUCTIONS, log_input=flags, full=flags, eps=numbers)
    return arguments, list(inputs)


@case("GaussianNLLLoss")
def _gaussian(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    of_var = st.sampled_from([shape, (*shape[:-1], 1), shape[:-1], (1, *shape[1:]), ()])
    inputs = [typed(draw, shape), typed(draw, near(draw, shape)), typed(draw, draw(of_var))]
    return some(draw, reduction=REDUCTIONS, full=flags, eps=numbers), list(inputs)


@case("CrossEntropyLoss", "NLLLoss")
def _classes(draw: Draw, spatial: int) -> Case:
    shape = draw(st.sampled_from([(3,), (2, 3), (2, 3), (2, 3, 4), (2, 3, 1, 2), ()]))
    place = 1 if len(shape) > 1 else 0
    rows = (*shape[:place], *shape[place + 1 :])
    indices = typed(draw, near(draw, rows), ["int64"] * 6 + ["uint8", "int32", "bool"])
    target = draw(st.sampled_from([indices, indices, typed(draw, near(draw, shape))]))
    arguments = some(
        draw,
        weight=st.just(weights(draw, (3,))),
        reduction=REDUCTIONS,
        ignore_index=st.sampled_from([-100, -1, 0, 10]),
    )
    return arguments, [typed(draw, shape), target]


@case("LinearCrossEntropyLoss")
def _linear_classes(draw: Draw, spatial: int) -> Case:
    batch = draw(st.sampled_from([*[(2,)] * 6, (), (2, 2)]))
    inner = draw(st.sampled_from([*[[], [4], [4, 2]] * 3, [0], [-1]]))
    classes = draw(st.sampled_from([3] * 12 + [0, -1]))
    arguments = {"in_features": draw(st.sampled_from([5] * 12 + [4, 0])), "num_classes": classes}
    arguments |= some(
        draw,
        out_features=st.just(inner),
        bias=flags,
        dtype=st.sampled_from(["float32"] * 6 + ["float64", "int64", "complex64"]),
        weight=st.just(weights(draw, (3,))),
        reduction=REDUCTIONS,
        ignore_index=st.sampled_from([-100, 0, None]),
        label_smoothing=st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0, 1.1, -0.1]),
    )
    used = tuple(max(size, 0) for size in arguments.get("out_features", ()))
    indices = typed(draw, near(draw, (*batch, *used)), ["int64"] * 6 + ["int32"])
    target = typed(draw, near(draw, (*batch, max(classes, 0), *used)), ["float32"] * 4 + DTYPES)
    input = typed(draw, (*batch, 5), ["float32"] * 6 + ["float64", "bfloat16", "int64"])
    return arguments, [input, draw(st.sampled_from([indices, target]))]


@case("MultiMarginLoss")
def _margin(draw: Draw, spatial: int) -> Case:
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    rows = draw(st.sampled_from([shape[:-1], near(draw, shape[:-1]), (1,), ()]))
    arguments = some(
        draw,
        p=st.sampled_from([1, 2, 0, 3]),
        margin=numbers,
        weight=st.just(weights(draw, (3,))),
        reduction=REDUCTIONS,
    )
    return arguments, [typed(draw, shape), typed(draw, rows, ["int64"] * 6 + ["int32"])]


@case("MultiLabelMarginLoss")
def _labels(draw: Draw, spatial: int) -> Case:
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    of_target = draw(st.sampled_from([shape, near(draw, shape), (1,), ()]))
    target = typed(draw, of_target, ["int64"] * 6 + ["int32"])
    return some(draw, reduction=REDUCTIONS), [typed(draw, shape), target]


@case("CosineEmbeddingLoss")
def _angle(draw: Draw, spatial: int) -> Case:
    shape = draw(st.sampled_from([(2, 3), (2, 3), (1, 3), (3,), (), (2, 3, 1)]))
    inputs = [typed(draw, shape), typed(draw, near(draw, shape))]
    inputs.append(typed(draw, near(draw, shape[:-1])))
    return some(draw, margin=numbers, reduction=REDUCTIONS), list(inputs)


@case("MarginRankingLoss")
def _order(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    inputs = [typed(draw, shape), typed(draw, near(draw, shape)), typed(draw, near(draw, shape))]
    return some(draw, margin=numbers, reduction=REDUCTIONS), list(inputs)


@case("TripletMarginLoss")
def _triplet(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    arguments = some(draw, margin=numbers, p=numbers, eps=numbers, swap=flags, reduction=REDUCTIONS)
    return arguments, [typed(draw, near(draw, shape)) for _ in range(3)]


@case("TripletMarginWithDistanceLoss")
def _distances(draw: Draw, spatial: int) -> Case:
    shape = _shape(draw)
    arguments = some(draw, margin=numbers, swap=flags, reduction=REDUCTIONS)
    return arguments, [typed(draw, near(draw, shape)) for _ in range(3)]


@case("CTCLoss")
def _sequence(draw: Draw, spatial: int) -> Case:
    shape = draw(st.sampled_from([(4, 2, 3), (4, 2, 3), (4, 3), (1, 1, 3), (3,), (4, 2, 3, 1)]))
    rows = shape[1] if len(shape) == 3 else 1
    # The lengths hold ones: targets in a row are as many.
    targets = typed(draw, draw(st.sampled_from([(rows, 2), (rows,), (rows, 1), ()])))
    lengths = typed(draw, near(draw, (rows,)), ["int64"] * 6 + ["int32", "float32"])
    arguments = some(
        draw, blank=st.sampled_from([0, 2, 3, -1]), reduction=REDUCTIONS, zero_infinity=flags
    )
    return arguments, [typed(draw, shape), targets, lengths, lengths]


@case("AdaptiveLogSoftmaxWithLoss")
def _adaptive(draw: Draw, spatial: int) -> Case:
    # The targets are ones: with a first cutoff above 1 none is in a cluster, whose cost differs.
    cutoffs = [[2], [2, 4], [3, 4, 6], [2, 2], [4, 2], [], [0, 2], [2, 9], [-1]]
    arguments = {
        "in_features": draw(st.sampled_from([5] * 8 + [4, 0])),
        "n_classes": draw(st.sampled_from([7] * 6 + [9, 2, 0])),
        "cutoffs": draw(st.sampled_from([*cutoffs[:3] * 3, *cutoffs])),
    }
    arguments |= some(
        draw,
        div_value=st.sampled_from([2.0, 1.5, 100, 0.5, 1, 0.0, -1.0, -0.5, inf, nan]),
        head_bias=flags,
        dtype=st.sampled_from(["float32"] * 6 + ["float64", "int64", "complex64"]),
    )
    shape = draw(st.sampled_from([*[(2, 5)] * 5, (1, 5), (5,), (), (2, 5, 1)]))
    target = typed(draw, near(draw, shape[:-1]), ["int64"] * 8 + ["int32", "float32"])
    input = typed(draw, shape, ["float32"] * 8 + ["float64", "bfloat16", "int64"])
    return arguments, [input, target]
