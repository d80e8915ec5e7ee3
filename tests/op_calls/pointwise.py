"""Element-wise functions with numbers, bounds and factors: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, some

from op_calls.base import Call, call
from specc.spec.tensor.dtype import DTYPES as ALL
from specc.spec.tensor.type import TensorType

SHAPES = st.sampled_from([(2, 3)] * 4 + [(3,), (), (1, 3), (2, 1), (2,), (0, 3)])
dtypes = st.sampled_from([*DTYPES, *ALL])
tensors = st.builds(TensorType.of, SHAPES, dtypes)
NUMBERS = [0, 1, -1, 2, 2.5, -0.5, 127, 128, 127.5, 256, -256, 300, -300, 70000, 1e10, 1e39]
NUMBERS += [-1e39, 1e300, 2**31, 2**62, float("inf"), float("nan")]
reals = st.sampled_from(NUMBERS)
numbers = st.sampled_from([*NUMBERS, 2**63, 2**64, -(2**63), True, False])
operands = tensors | numbers


def alike(draw: Draw, count: int) -> list[TensorType]:
    """Tensors of one element type, mostly."""
    dtype = draw(dtypes)
    return [
        TensorType.of(draw(SHAPES), dtype if draw(st.integers(0, 4)) else draw(dtypes))
        for _ in range(count)
    ]


@call
def _factor(draw: Draw) -> Call:
    name = draw(st.sampled_from(["add", "sub", "subtract", "rsub"]))
    first, second = alike(draw, 2)
    other: Any = second if draw(flags) else draw(numbers)
    return name, [first, other], some(draw, alpha=numbers)


@call
def _scaled(draw: Draw) -> Call:
    name = draw(st.sampled_from(["addcmul", "addcdiv"]))
    return name, alike(draw, 3), some(draw, value=numbers)


@call
def _with_number(draw: Draw) -> Call:
    names = ["remainder", "fmod", "floor_divide", "pow", "float_power", "xlogy", "copysign"]
    names += ["bitwise_left_shift", "eq", "gt", "mul", "true_divide", "special_zeta"]
    names += ["special_xlog1py", "special_chebyshev_polynomial_t", "heaviside", "ldexp", "gcd"]
    pair = [draw(tensors), draw(numbers)]
    return draw(st.sampled_from(names)), pair if draw(st.integers(0, 3)) else pair[::-1], {}


@call
def _divided(draw: Draw) -> Call:
    name = draw(st.sampled_from(["div", "divide"]))
    modes = st.sampled_from([None, "floor", "trunc", "ceil"])
    return name, [draw(tensors), draw(operands)], some(draw, rounding_mode=modes)


@call
def _bounded(draw: Draw) -> Call:
    name = draw(st.sampled_from(["clamp", "clip"]))
    first, *bounds = alike(draw, 3)
    kind = st.sampled_from(bounds) if draw(flags) else numbers
    return name, [first], some(draw, min=kind, max=kind if draw(st.integers(0, 4)) else operands)


@call
def _bounded_once(draw: Draw) -> Call:
    name = draw(st.sampled_from(["clamp_min", "clamp_max"]))
    return name, [draw(tensors), draw(operands)], {}


@call
def _where(draw: Draw) -> Call:
    condition = TensorType.of(draw(SHAPES), draw(st.sampled_from(["bool"] * 5 + ["uint8", "int8"])))
    chosen: list[Any] = [draw(operands), draw(tensors)]
    if draw(flags):
        chosen.reverse()
    if draw(flags) and isinstance(chosen[0], TensorType):
        return "method_where", [chosen[0], condition, chosen[1]], {}
    return "where", [condition, *chosen], {}


@call
def _lerp(draw: Draw) -> Call:
    *ends, weight = alike(draw, 3)
    return "lerp", [*ends, draw(st.just(weight) | numbers | tensors)], {}


@call
def _not_a_number(draw: Draw) -> Call:
    arguments = some(draw, nan=reals, posinf=reals, neginf=reals)
    return "nan_to_num", [draw(tensors)], arguments


@call
def _logit(draw: Draw) -> Call:
    name = draw(st.sampled_from(["logit", "special_logit"]))
    return name, [draw(tensors)], some(draw, eps=reals)


@call
def _of_degree(draw: Draw) -> Call:
    names = ["polygamma", "special_polygamma", "method_polygamma", "mvlgamma"]
    name = draw(st.sampled_from([*names, "special_multigammaln"]))
    arguments = [draw(tensors), draw(st.sampled_from([0, 1, 2, -1, 3, 1.0, True]))]
    return name, arguments[::-1] if name in names[:2] else arguments, {}


@call
def _rounded(draw: Draw) -> Call:
    name = draw(st.sampled_from(["round", "special_round"]))
    return name, [draw(tensors)], some(draw, decimals=st.sampled_from([0, 2, -1, 400]))


@call
def _softmax(draw: Draw) -> Call:
    name = draw(st.sampled_from(["special_softmax", "special_log_softmax"]))
    return name, [draw(tensors), draw(st.integers(-3, 2))], some(draw, dtype=st.sampled_from(ALL))


@call
def _logsumexp(draw: Draw) -> Call:
    reduced = st.integers(-3, 2) | st.lists(st.integers(-3, 2), max_size=2)
    return "special_logsumexp", [draw(tensors), draw(reduced)], some(draw, keepdim=flags)


@call
def _parts(draw: Draw) -> Call:
    return draw(st.sampled_from(["complex", "polar"])), alike(draw, 2), {}


@call
def _to(draw: Draw) -> Call:
    target = draw(tensors)
    if draw(flags):
        return "to", [target], some(draw, dtype=st.sampled_from(ALL), copy=flags)
    given = draw(tensors)
    return "to", [target, given], some(draw, non_blocking=flags, copy=flags)


@call
def _hardtanh(draw: Draw) -> Call:
    return "hardtanh", [draw(tensors)], some(draw, min_val=reals, max_val=reals)


@call
def _gumbel(draw: Draw) -> Call:
    arguments = some(draw, tau=reals, hard=flags, eps=reals, dim=st.integers(-3, 2))
    return "gumbel_softmax", [draw(tensors)], arguments
