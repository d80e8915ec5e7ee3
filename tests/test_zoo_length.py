"""Specs and generated models of the zoo are as short as is told of them."""

from __future__ import annotations

from statistics import median

import pytest
from zoo_length import BY_HAND, SPECS, laid_out, python_lines, spec_lines

import specc


@pytest.mark.slow
def test_specs_and_models_are_short() -> None:
    specs, models = {}, {}
    for name, path in SPECS.items():
        by_hand = len(python_lines(laid_out(BY_HAND[name].read_text("utf-8"))))
        specs[name] = len(spec_lines(path.read_text("utf-8"))) / by_hand
        models[name] = len(python_lines(specc.compile(path).files["model.py"])) / by_hand
    assert {name: ratio for name, ratio in models.items() if ratio > 1.25} == {}
    assert {name: ratio for name, ratio in specs.items() if ratio > 1} == {}
    assert median(specs.values()) <= 0.6
