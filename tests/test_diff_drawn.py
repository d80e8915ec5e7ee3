"""What `specc diff` says of drawn specs and their edits is true of their packages."""

from __future__ import annotations

from pprint import pformat
from random import Random

import pytest
from diff_edits import EDITS, assert_true, changes, edited
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from spec_strategies import Drawn, drawn_spec

import specc

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def accepted(random: Random) -> Drawn:
    """A drawn spec that is sound."""
    while True:
        spec = drawn_spec(random)
        if spec is not None and not specc.check(spec.tree):
            return spec


def hold(edit: str, seed: int) -> None:
    random = Random(seed)
    spec = accepted(random)
    new = edited(spec.tree, edit, random)
    if new is None:
        return
    try:
        seen = assert_true(spec, spec.tree, new)
    except Exception as error:
        said = pformat([spec.tree, new], sort_dicts=False, width=100)
        raise AssertionError(f"{edit}, seed {seed}: {error}\n{said}") from error
    if edit == "reordered keys":
        assert seen == {"loads": True, "calls": True, "same": True}
        assert changes(spec.tree, new) == ()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("edit", EDITS)
@settings(max_examples=4, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_what_is_said_of_an_edit_is_true(edit: str, seed: int) -> None:
    hold(edit, seed)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("edit", EDITS)
@settings(max_examples=60, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_what_is_said_of_many_edits_is_true(edit: str, seed: int) -> None:
    hold(edit, seed)


@pytest.mark.filterwarnings("ignore")
def test_a_spec_is_as_it_is() -> None:
    random = Random(0)
    for _ in range(30):
        spec = accepted(random)
        assert changes(spec.tree, spec.tree) == (), pformat(spec.tree)
