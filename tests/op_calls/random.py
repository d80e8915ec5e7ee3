"""Random numbers and windows: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import Draw, flags, some

from op_calls.base import Call, call
from op_calls.pointwise import alike, reals, tensors
from specc.spec.tensor.dtype import DTYPES
from specc.spec.tensor.type import TensorType

dtypes = st.sampled_from(DTYPES)
sizes = st.lists(st.integers(-1, 3), max_size=3) | st.just([2, 3])
BOUNDS = [0, 1, 2, 3, 5, -1, -5, 127, 128, 129, 256, 257, 2049, 2050, 65505, 65506, -65505]
bounds = st.sampled_from([*BOUNDS, 2**31, 2**63 - 1, 2**63, -(2**63), True, 2.5])
lengths = st.sampled_from([0, 1, 2, 5, 5, 5, -1, True, 5.0])


@call
def _whole_numbers(draw: Draw) -> Call:
    given = [draw(bounds) for _ in range(draw(st.sampled_from([1, 2, 2])))]
    keywords = some(draw, dtype=dtypes)
    if draw(flags):
        return "randint", [*given, draw(sizes)], keywords
    names = ["low", "high"][2 - len(given) :] if draw(st.integers(0, 4)) else ["low"]
    named = draw(st.sampled_from([0, len(given)]))
    by_name = dict(zip(names, given[:named], strict=False)) | {"size": draw(sizes)}
    return "randint", given[named:], by_name | keywords


@call
def _whole_numbers_like(draw: Draw) -> Call:
    single = st.builds(TensorType.of, st.sampled_from([(), (), (1,)]), st.just("int64"))
    given: list[Any] = [draw(bounds) for _ in range(draw(st.sampled_from([1, 2, 2])))]
    if len(given) == 1 and draw(flags):
        given = [draw(single)]
    return "randint_like", [draw(tensors), *given], some(draw, dtype=dtypes)


@call
def _permutation(draw: Draw) -> Call:
    numbers = st.sampled_from([0, 1, 5, 127, 128, 129, 256, 257, 2049, 2050, -1, True, 2.0])
    return "randperm", [draw(numbers)], some(draw, dtype=dtypes)


@call
def _drawn(draw: Draw) -> Call:
    name = draw(st.sampled_from(["rand", "randn", "rand_like", "randn_like"]))
    first = draw(tensors) if name.endswith("like") else draw(sizes)
    return name, [first], some(draw, dtype=dtypes)


@call
def _normal(draw: Draw) -> Call:
    mean, std = alike(draw, 2)
    both: list[Any] = [mean if draw(flags) else draw(reals), std if draw(flags) else draw(reals)]
    count = draw(st.sampled_from([1, 2, 2]))
    # torch takes a single number's tensor for the number, which its documentation does not say.
    single = any(isinstance(one, TensorType) and not one.rank for one in both)
    keywords = some(draw, size=sizes) if draw(flags) and not single else {}
    return "normal", both[:count], keywords | (some(draw, dtype=dtypes) if keywords else {})


@call
def _by_probability(draw: Draw) -> Call:
    probabilities = st.sampled_from([0, 1, 0.5, 1.5, -0.5, float("nan"), None])
    name = draw(st.sampled_from(["bernoulli", "bernoulli", "poisson"]))
    return name, [draw(tensors)], some(draw, p=probabilities) if name == "bernoulli" else {}


@call
def _categories(draw: Draw) -> Call:
    counts = st.sampled_from([1, 2, 3, 4, 0, -1, True, 1.0])
    return "multinomial", [draw(tensors), draw(counts)], some(draw, replacement=flags)


@call
def _window(draw: Draw) -> Call:
    names = ["hann_window", "bartlett_window", "blackman_window", "hamming_window"]
    name = draw(st.sampled_from([*names, "kaiser_window"]))
    arguments: list[Any] = [draw(lengths)]
    keywords = some(draw, dtype=dtypes)
    if draw(flags):
        further = {"hamming_window": [flags, reals, reals], "kaiser_window": [flags, reals]}
        chosen = further.get(name, [flags])
        return name, arguments + [draw(one) for one in chosen[: draw(st.integers(0, 3))]], keywords
    named = {"hamming_window": {"alpha": reals}, "kaiser_window": {"beta": reals}}.get(name, {})
    return name, arguments, keywords | some(draw, periodic=flags, **named)


@call
def _signal_window(draw: Draw) -> Call:
    widths = st.sampled_from([0, 1.0, 2, -1, 1e-300, 1e-39, 5e-324, 1e300, float("inf")])
    coefficients = st.lists(reals, max_size=3)
    further: dict[str, dict[str, Any]] = {
        **{name: {} for name in ("bartlett", "blackman", "cosine", "hamming", "hann", "nuttall")},
        "exponential": {"tau": widths, "center": widths | st.none()},
        "gaussian": {"std": widths},
        "general_hamming": {"alpha": reals},
        "kaiser": {"beta": reals},
        "general_cosine": {},
    }
    name = draw(st.sampled_from(sorted(further)))
    keywords = some(draw, sym=flags, dtype=st.sampled_from([*DTYPES, "float64"]), **further[name])
    if name == "general_cosine":
        keywords["a"] = draw(coefficients)
    length = draw(st.sampled_from([0, 1, 2, 5, 5, -1, 5.0]))
    return f"signal_windows_{name}", [length], keywords
