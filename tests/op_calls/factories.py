"""Functions that make tensors from numbers, or after another tensor: calls, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, some

from op_calls.base import Call, call
from op_calls.movement import of_any_type
from specc.spec.tensor.type import TensorType

sizes = st.lists(st.integers(-1, 3), max_size=3)
dtypes = st.sampled_from([*DTYPES, "int8", "int32", "complex128"])
numbers = st.sampled_from([1, 0, 2.5, True, -1, -300, 300, 70000.0, 1e300, 2**40, float("nan")])


@call
def _empty(draw: Draw) -> Call:
    return "empty", [draw(sizes)], some(draw, dtype=dtypes)


@call
def _filled_factory(draw: Draw) -> Call:
    return "full", [draw(sizes), draw(numbers)], some(draw, dtype=dtypes)


@call
def _laid_out(draw: Draw) -> Call:
    size = draw(sizes)
    if draw(flags):
        layout: Any = draw(st.permutations(range(len(size)))) if draw(flags) else draw(sizes)
        return "empty_permuted", [size, list(layout)], some(draw, dtype=dtypes)
    steps = draw(st.lists(st.integers(-1, 3), min_size=len(size), max_size=len(size)))
    strides = draw(st.sampled_from([steps, steps, steps[1:]]))
    return "empty_strided", [size, strides], some(draw, dtype=dtypes)


@call
def _after_a_tensor(draw: Draw) -> Call:
    name = draw(st.sampled_from(["zeros_like", "ones_like", "empty_like", "full_like"]))
    given = [draw(numbers)] if name == "full_like" else []
    return name, [of_any_type(draw), *given], some(draw, dtype=dtypes)


@call
def _new(draw: Draw) -> Call:
    names = ["new_zeros", "new_ones", "new_empty", "new_full", "new_empty_strided"]
    name = draw(st.sampled_from(names))
    size = draw(sizes)
    steps = draw(st.lists(st.integers(-1, 3), min_size=len(size), max_size=len(size)))
    further = {"new_full": [draw(numbers)], "new_empty_strided": [steps]}.get(name, [])
    return name, [of_any_type(draw), size, *further], some(draw, dtype=dtypes)


@call
def _written(draw: Draw) -> Call:
    data = draw(numbers | st.lists(numbers | st.lists(numbers, max_size=2), max_size=3))
    if draw(flags):
        row = st.lists(numbers, min_size=2, max_size=2)
        data = draw(st.lists(row, min_size=1, max_size=2))
    name = draw(st.sampled_from(["tensor", "as_tensor", "asarray", "new_tensor"]))
    of = [of_any_type(draw)] if name == "new_tensor" else []
    return name, [*of, data], some(draw, dtype=dtypes)


@call
def _single(draw: Draw) -> Call:
    return "scalar_tensor", [draw(numbers)], some(draw, dtype=dtypes)


@call
def _spaced(draw: Draw) -> Call:
    name = draw(st.sampled_from(["linspace", "logspace"]))
    bounds = numbers | st.builds(TensorType.of, st.sampled_from([(), (), (1,)]), dtypes)
    args = [draw(bounds), draw(bounds), draw(st.integers(-1, 4))]
    base = st.sampled_from([2, 0.5, 10.0, True])
    return name, args, some(draw, dtype=dtypes, **({"base": base} if name == "logspace" else {}))


@call
def _triangle_indices(draw: Draw) -> Call:
    name = draw(st.sampled_from(["tril_indices", "triu_indices"]))
    sides = [draw(st.integers(-1, 5)), draw(st.integers(-1, 5))]
    return name, sides, some(draw, offset=st.integers(-7, 7), dtype=dtypes)
