"""Factories in expressions: what is emitted gives the element types that `check` tells."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from compared import Network

import specc

WHOLE = {
    **{"arange": "arange(6)", "full": "full((6,), 2)", "randint": "randint(0, 5, (6,))"},
    **{"randperm": "randperm(6)", "tril": "tril_indices(3, 3)[0]"},
    **{"sized": "arange(x.shape[1])", "named": "full((6,), whole)"},
}
BROKEN = {
    **{"zeros": "zeros(6)", "eye": "eye(6)[0]", "linspace": "linspace(0, 1, 6)"},
    **{"arange": "arange(6.0)", "full": "full((6,), 2.0)", "normal": "normal(0.0, 1.0, (6,))"},
    **{"rand": "rand(6)", "window": "hann_window(6)", "named": "full((6,), broken)"},
}


def tree(expression: str, dtype: str | None) -> dict[str, Any]:
    model: dict[str, Any] = {
        "name": "M",
        "params": {"whole": 2, "broken": 2.5},
        "inputs": {"x": ["batch", 6]},
        "layers": [
            {"name": "made", "expr": expression},
            {"name": "y", "expr": "x.detach() + whole * broken"},
        ],
        "outputs": ["made", "y"],
    }
    return {"model": model if dtype is None else model | {"dtype": dtype}}


def made(expression: str, dtype: str | None) -> torch.dtype:
    """The element type that an expression gives, as told and as run."""
    network = Network(tree(expression, dtype))
    result, _ = network(torch.rand(2, 6).to(getattr(torch, dtype or "float32")))
    (told,) = (one for one in network.summary["outputs"] if one["name"] == "made")
    assert str(result.dtype) == f"torch.{told['dtype']}"
    assert list(result.shape) == told["shape"]
    made: torch.dtype = result.dtype
    return made


@pytest.mark.parametrize("dtype", [None, "float64", "bfloat16", "complex64"])
def test_whole_numbers_stay_whole(dtype: str | None) -> None:
    assert {name: made(written, dtype) for name, written in WHOLE.items()} == dict.fromkeys(
        WHOLE, torch.int64
    )


@pytest.mark.parametrize("dtype", [None, "float64", "bfloat16"])
def test_other_numbers_are_of_the_models_type(dtype: str | None) -> None:
    assert {name: made(written, dtype) for name, written in BROKEN.items()} == dict.fromkeys(
        BROKEN, getattr(torch, dtype or "float32")
    )


def test_a_type_that_is_given_stays() -> None:
    assert made('zeros(6, dtype="int8")', "float64") == torch.int8
    assert made('arange(6, dtype="float32")', "float64") == torch.float32


def test_what_a_factory_refuses_of_the_models_type() -> None:
    (problem,) = specc.check(tree("signal.windows.hann(6)", "bfloat16"))
    assert "float32 or float64, not bfloat16" in problem.message


def test_a_block_is_of_one_type_in_all_uses() -> None:
    blocks = {
        "B": {
            "params": {"step": "float"},
            "layers": [{"expr": "x + arange(step, 6 * step, step).sum()"}],
        }
    }
    uses = [{"type": "B", "step": step} for step in (1, 0.5)]
    model = {"name": "M", "dtype": "float64", "inputs": {"x": ["n"]}, "layers": uses}
    spec = {"model": model, "blocks": blocks}
    with pytest.raises(specc.SpecError, match="uses-differ"):
        specc.compile(spec)
