"""What changes the shape alone: arguments and inputs, legal and illegal."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from layer_cases.base import CASES, DTYPES, Case, Draw, case, shapes, some


@case("Flatten")
def _flatten(draw: Draw, spatial: int) -> Case:
    arguments = some(draw, start_dim=st.integers(-4, 4), end_dim=st.integers(-4, 4))
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


@case("Unflatten")
def _unflatten(draw: Draw, spatial: int) -> Case:
    sizes = draw(st.lists(st.sampled_from([1, 2, 3, -1, 0, -2]), max_size=3))
    arguments = {"dim": draw(st.integers(-3, 3)), "unflattened_size": sizes}
    width = st.sampled_from([1, 2, 3, 4, 6, 12, 0])
    shape = tuple(draw(st.lists(width, max_size=3)))
    return arguments, [(shape, draw(st.sampled_from(DTYPES)))]


@case("PixelShuffle", "PixelUnshuffle", "ChannelShuffle")
def _shuffle(draw: Draw, spatial: int) -> Case:
    factor = draw(st.sampled_from([1, 2, 3, 0]))
    key = draw(st.just("upscale_factor"))
    sizes = st.lists(st.sampled_from([4, 6, 9, 1, 0, 12]), min_size=1, max_size=5).map(tuple)
    return {key: factor}, [(draw(sizes), draw(st.sampled_from(DTYPES)))]


def _under(key: str) -> Callable[[Case], Case]:
    return lambda drawn: ({key: drawn[0]["upscale_factor"]}, drawn[1])


for _name, _key in (("PixelUnshuffle", "downscale_factor"), ("ChannelShuffle", "groups")):
    CASES[_name] = CASES[_name].map(_under(_key))
