"""Draws expressions: usual ones, functions of every family, second calls."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from drawn import value
from spec_draft import Draft, scalar
from torch import Tensor

from specc.spec.ops.base import Function, kind_of
from specc.spec.ops.refused import RefusedFunction
from specc.spec.registry import families, load
from specc.spec.tensor.type import TensorType

ELEMENTWISE = (
    *("relu(_)", "tanh(_)", "_.sigmoid()", "-_", "2 * _ + 1", "_ ** 2 / 4", "_ - _.mean()"),
    *("where(_ > 0, _, 0.1 * _)", "clamp(_, -1, 1)", "_.abs().sqrt() if 2 > 1 else _"),
    *("_ * sigmoid(_)", "gelu(_, approximate='tanh')", "(_ + 1) * (_ - 1)", "exp(-_ ** 2)"),
    *("maximum(_, _ * 0.5)", "leaky_relu(_, negative_slope=0.3)", "_ / (1 + _.abs())"),
    *("dropout(_, 0.2, training=training)", "_.clamp(min=-2.0)", "_.pow(2) + pi", "softplus(_)"),
    *("_.to('float64').to('float32')", "_ * 2 if training else _", "_ + randn(1) * 0.1"),
    *("_ * finfo('float32').eps", "_ * 2 if _.shape[-1] > 4 else _", "grad(_ ** 3, _)"),
    *("softmax(_, dim=-1)", "_ / _.norm()", "_.flip(0)", "cumsum(_, dim=0)", "_ - _.detach()"),
)
SHAPING = (
    *("_.mean(dim=-1)", "_.sum(dim=0, keepdim=True)", "_.amax(-1)", "_.unsqueeze(1)", "_[..., :2]"),
    *("_.transpose(0, 1)", "_.flatten(1)", "_[:, None]", "_[0]", "_[..., 0]", "_[:, 1:]"),
    *("_.transpose(-1, -2)", "_.mean()", "_.flatten()", "_.std(dim=0)", "_[::2]", "_[..., -1]"),
    *("_.reshape(_.shape[0], -1)", "_.reshape(-1)", "_.repeat(2, 1)", "_ @ _.transpose(-1, -2)"),
    *("stack([_, -_], dim=1)", "cat([_, _ * 2], dim=-1)", "_.argmax(-1)", "_ > 0", "_.long()"),
    *(
        "pad(_, (1, 1))",
        "_.unsqueeze(0).expand(2, -1, -1)",
        "_.squeeze(0)",
        "einsum('i...->...i', _)",
    ),
    *("_.view(_.shape[0], 2, -1)", "_.narrow(0, 0, 1)", "outer(_[0].flatten(), ones(2))"),
    *("_.permute(2, 0, 1)", "_.diagonal()", "interpolate(_, scale_factor=2)", "tril(_)"),
)
TO_FLOAT = (
    "_.to('float32')",
    "_.float() / 2",
    "where(_ > 0, 0.5, -0.5)",
    "_.sum() / 3 + zeros(2, 4)",
)
JOINS = (
    *("{} + {}", "{} * {}", "{} - {}", "cat([{}, {}], dim=0)", "cat([{}, {}], dim=-1)"),
    *(
        "stack([{}, {}])",
        "maximum({}, {})",
        "{} @ {}",
        "torch_mul({}, {})",
        "{} @ {}.transpose(-1, -2)",
    ),
    *(
        "where({0} > {1}, {0}, {1})",
        "lerp({}, {}, 0.3)",
        "bilinear_({}, {})",
        "{} / ({}.abs() + 1)",
    ),
)
LEFT = {
    *("native_batch_norm", "segment_reduce", "linalg_ldl_solve", "lu_unpack", "resize", "grad"),
    *("detach_copy", "heaviside", "floor_divide", "igamma", "igammac", "geqrf", "histogram"),
    *("special_gammainc", "special_gammaincc", "special_zeta", "native_channel_shuffle"),
    *("linalg_ldl_factor", "linalg_ldl_factor_ex", "multinomial", "poisson"),
}
"""Functions that read beyond memory where torch should refuse, that torch can't derive, that take
no negative numbers, or that are drawn elsewhere."""


def _at(text: str, source: str) -> str:
    """A text about `_`, about another value."""
    return (
        text if source == "_" else "".join(source if part == "_" else part for part in _split(text))
    )


def _split(text: str) -> list[str]:
    return re.split(r"(\b_\b)", text)


def elementwise(draft: Draft) -> bool:
    """Mathematics that keeps the shape."""
    source = draft.some(Tensor.is_floating_point)
    return draft.expression(_at(draft.pick(ELEMENTWISE), source))


def shaping(draft: Draft) -> bool:
    """Mathematics that changes the shape."""
    source = draft.some(Tensor.is_floating_point)
    return any(draft.expression(_at(draft.pick(SHAPING), source)) for _ in range(3))


def join(draft: Draft) -> bool:
    """Two values become one."""
    first = draft.some(Tensor.is_floating_point)
    if not draft.names:
        return False
    alike = draft.alike(first)
    other = draft.pick(alike if alike and draft.chance(70) else draft.names)
    return any(draft.expression(draft.pick(JOINS).format(first, other)) for _ in range(2))


def gather(draft: Draft) -> bool:
    """Reads what nothing has read."""
    able = [name for name in draft.unread() if name in draft.names]
    if not able:
        return False
    name = draft.pick(able)
    return draft.expression(f"_ + {scalar(name, draft.value_of(name))}")


def look_inside(draft: Draft) -> bool:
    """Reads a parameter of a layer, a value of a container, a further output."""
    if not draft.inside:
        return False
    name = draft.pick(draft.inside)
    texts = ("_ + {}", "_ * {}", "_ @ {}.transpose(-1, -2)", "{} * 2", "_ + {}.sum()")
    return any(draft.expression(draft.pick(texts).format(name)) for _ in range(3))


def call_again(draft: Draft) -> bool:
    """An earlier layer, with the same weights."""
    if not draft.callees:
        return False
    name = draft.pick(draft.callees)
    source = draft.pick(["_", "_ * 2", *draft.names])
    return draft.expression(f"{name}({source})")


def derivative(draft: Draft) -> bool:
    """The derivative of one value by another."""
    able = [name for name in draft.names if draft.value_of(name).is_floating_point()]
    if not able:
        return False
    by = draft.pick(able)
    texts = ("grad({0} ** 3, {0})", "grad(sin({0}), {0})", "grad(_, {0})", "grad({1} * {0}, {0})")
    return draft.expression(draft.pick(texts).format(by, draft.pick(able)))


def unpack(draft: Draft) -> bool:
    """Several values by one expression."""
    source = draft.some(Tensor.is_floating_point)
    calls = (
        *("chunk(_, 2, dim=-1)", "_.max(dim=-1)", "split(_, [1, 2], dim=1)", "_.unbind(0)"),
        *("topk(_, 2, dim=-1)", "_.sort(dim=0)", "(_ + 1, _ * 2)", "std_mean(_, dim=0)"),
    )
    text = _at(draft.pick(calls), source)
    return draft.add({"name": [draft.fresh(), draft.fresh()], "expr": text})


@cache
def functions() -> tuple[str, ...]:
    """The functions that can be drawn."""
    found = []
    for name in sorted(families("ops")):
        rule = load("ops", name)
        if "pack" in name and "sequence" in name:
            continue
        is_drawn = "empty" not in name and name not in LEFT and not name.endswith("_")
        if is_drawn and isinstance(rule, Function) and not isinstance(rule, RefusedFunction):
            found.append(name)
    return tuple(found)


def function(draft: Draft) -> bool:
    """Any function at all, with arguments by their kinds."""
    name = draft.pick(functions())
    return any(_call(draft, name) for _ in range(3))


def _call(draft: Draft, name: str) -> bool:
    rule = load("ops", name)
    assert isinstance(rule, Function)
    source = draft.some()
    random = draft.setting.random

    def tensor() -> str:
        alike = draft.alike(source)
        return random.choice(alike) if alike and random.random() < 0.4 else source

    by_place: list[str] = []
    keywords: list[str] = []
    for key, parameter in rule.parameters.items():
        required = parameter.default is inspect.Parameter.empty
        if key == "training":
            keywords.append("training=training")
            continue
        if not required and random.random() > 0.15:
            continue
        made = value(kind_of(parameter.annotation), random, lambda: Written(tensor()))
        text = written(made)
        if text is None:
            return False
        if parameter.kind is parameter.VAR_POSITIONAL or (
            required and parameter.kind is not parameter.KEYWORD_ONLY
        ):
            by_place.append(text)
        else:
            keywords.append(f"{key}={text}")
    if not rule.factory and source not in " ".join([*by_place, *keywords]):
        return False
    if rule.namespace == "method":
        own = name.removeprefix("method_")
        return bool(by_place) and draft.expression(
            f"{by_place[0]}.{own}({', '.join([*by_place[1:], *keywords])})"
        )
    inner = rule.prefix.rstrip(".").replace(".", "_")
    own = rule.prefix + (name[len(inner) + 1 :] if inner else name)
    return draft.expression(f"{own}({', '.join([*by_place, *keywords])})")


class Written(str):
    """An expression, among values."""


def written(one: Any) -> str | None:
    """A value in an expression; None where none is drawn there."""
    if isinstance(one, Written):
        return str(one)
    if isinstance(one, float) and (not math.isfinite(one) or abs(one) > 1e4):
        return None
    if isinstance(one, list | tuple):
        parts = [written(item) for item in one]
        return None if None in parts else f"[{', '.join(map(str, parts))}]"
    return None if isinstance(one, TensorType) else repr(one)


def to_float(draft: Draft) -> bool:
    """From whole numbers or truth to numbers that can be trained on."""
    value_of = draft.current
    if value_of.is_complex():
        return draft.expression(draft.pick(("_.abs()", "real(_)", "view_as_real(_).sum(-1)")))
    small = not value_of.is_floating_point() and value_of.dtype != torch.bool
    if small and draft.chance(60):
        return draft.add(
            {
                "name": draft.fresh(),
                "type": "Embedding",
                "inputs": "_ % 9",
                "num_embeddings": 9,
                "embedding_dim": draft.number(draft.pick((4, 6))),
            }
        )
    return draft.expression(draft.pick(TO_FLOAT))


STEPS: tuple[Callable[[Draft], bool], ...] = (
    *(
        elementwise,
        elementwise,
        shaping,
        join,
        join,
        gather,
        look_inside,
        call_again,
        unpack,
        derivative,
    ),
    *(function, function),
)
