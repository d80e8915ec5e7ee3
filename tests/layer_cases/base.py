"""Strategies for arguments and inputs of layers: mostly legal, often at the edge, some illegal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from torch_reference import Signature

Case = tuple[dict[str, Any], list[Any]]
"""Arguments, and inputs of the kind that torch_reference calls Input."""

Draw = Callable[[st.SearchStrategy[Any]], Any]
CASES: dict[str, st.SearchStrategy[Case]] = {}

FLOATS = ["float32"] * 6 + ["float64", "float16", "bfloat16"]
DTYPES = [*FLOATS, "int64", "uint8", "bool", "complex64"]
numbers = st.sampled_from([0.5, 0.0, 1.0, -1.0, 2, 1e-5, float("inf"), float("nan")])
flags = st.booleans()


def shapes(least: int = 0, most: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from([1, 2, 3, 4, 0, 5]), min_size=least, max_size=most).map(tuple)


def case(*names: str) -> Callable[[Callable[..., Case]], None]:
    """Registers a drawing function for layers; it is told the layer's number of dimensions."""

    def register(function: Callable[..., Case]) -> None:
        for name in names:
            spatial = int(name[-2]) if name[-1] == "d" and name[-2].isdigit() else 0
            CASES[name] = st.composite(function)(spatial)

    return register


def some(draw: Draw, **arguments: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Any of the optional arguments."""
    return {name: draw(strategy) for name, strategy in arguments.items() if draw(flags)}


def along(values: st.SearchStrategy[Any], spatial: int) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=spatial, max_size=spatial)


def image(draw: Draw, spatial: int, channels: int, dtype: str | None = None) -> Signature:
    """An input with channels, mostly of the right rank and size."""
    channels = channels if draw(st.integers(0, 9)) else channels + 1
    batch = draw(st.sampled_from([(2,), (2,), (1,), (), (0,), (2, 2)]))
    sizes = draw(
        st.lists(st.sampled_from([5, 7, 8, 4, 3, 1, 0]), min_size=spatial, max_size=spatial)
    )
    shape = (*batch, max(channels, 0), *sizes)
    return shape, dtype or draw(st.sampled_from(DTYPES))


def floating_arguments(draw: Draw) -> dict[str, str]:
    return some(draw, dtype=st.sampled_from(["float64", "float16", "int64", "complex64", None]))
