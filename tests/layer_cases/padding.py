"""Padding: arguments and inputs, legal and illegal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from layer_cases.base import CASES, DTYPES, Case, Draw, along, case, image, numbers, shapes


@case(*(f"{kind}Pad{n}d" for kind in ("Zero", "Constant") for n in (1, 2, 3)))
def _constant_pad(draw: Draw, spatial: int) -> Case:
    amounts = st.sampled_from([0, 1, 2, 3, -1, -2, -4])
    arguments: dict[str, Any] = {"padding": draw(along(amounts, 2 * spatial))}
    return arguments, [(draw(shapes()), draw(st.sampled_from(DTYPES)))]


for _n in (1, 2, 3):
    CASES[f"ConstantPad{_n}d"] = st.tuples(CASES[f"ConstantPad{_n}d"], numbers).map(
        lambda both: ({**both[0][0], "value": both[1]}, both[0][1])
    )


@case(*(f"{kind}Pad{n}d" for kind in ("Reflection", "Replication", "Circular") for n in (1, 2, 3)))
def _pad(draw: Draw, spatial: int) -> Case:
    amounts = st.sampled_from([0, 1, 2, 3, -1, -2, 5])
    arguments = {"padding": draw(along(amounts, 2 * spatial))}
    return arguments, [image(draw, spatial, draw(st.integers(0, 3)))]
