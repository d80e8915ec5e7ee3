"""States as JSON and tensors: what comes back is what was given, to the last bit."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from torch import Tensor

from specc.templates.runtime.nested import packed, unpacked

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool, torch.complex128)
SHARED = torch.arange(12.0).reshape(3, 4)
TENSORS = st.one_of(
    st.sampled_from((SHARED, SHARED.t(), SHARED[:, 1:3], SHARED[0, 0], SHARED[:0])),
    st.builds(
        lambda dtype, seed: torch.randn(2, 3, generator=torch.manual_seed(seed)).to(dtype),
        st.sampled_from(DTYPES),
        st.integers(0, 9),
    ),
)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))
KEYS = st.text(alphabet="abc", min_size=1, max_size=2)
STATES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(PLAIN, TENSORS, st.builds(Counter, st.lists(st.integers(0, 3)))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=3),
        st.dictionaries(st.integers(0, 9), inner, max_size=3),
    ),
    max_leaves=12,
)


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return (
            isinstance(other, Tensor)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and (one.stride() == other.stride() or one.is_contiguous() or one.shape[0] < 2)
            and torch.equal(one, other)
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other)


@given(st.dictionaries(KEYS, STATES, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_state_comes_back_from_its_files(state: dict[str, Any]) -> None:
    tensors: dict[str, Tensor] = {}
    written = json.dumps(packed(state, tensors))
    content = save(tensors)
    assert is_same(unpacked(json.loads(written), load(content)), state)
    again: dict[str, Tensor] = {}
    assert (json.dumps(packed(state, again)), save(again)) == (written, content)
