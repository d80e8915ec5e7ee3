"""Sequences of different lengths, padded and packed: calls, legal and illegal."""

from __future__ import annotations

from hypothesis import strategies as st
from layer_cases.base import DTYPES, Draw, flags, some

from op_calls.base import Call, a_tensor, call
from specc.spec.tensor.dim import Dim
from specc.spec.tensor.type import PackedType, TensorType

lengths = st.lists(st.sampled_from([1, 2, 3, 2, 1, 0, 4]), min_size=1, max_size=4)
values = st.sampled_from([0.0, 0.5, -1, 300, 1e39, float("inf"), float("nan")])


def sequences(draw: Draw) -> list[TensorType]:
    """Sequences whose steps are alike, or nearly so."""
    step = draw(st.sampled_from([(), (2,), (2, 3), (2,)]))
    dtype = draw(st.sampled_from(["float32", *DTYPES]))
    made = [TensorType.of((length, *step), dtype) for length in draw(lengths)]
    if draw(st.integers(0, 8)) == 0:
        made.append(a_tensor(draw, 0, 2, dtype))
    return made


def packed(draw: Draw) -> PackedType:
    step = draw(st.sampled_from([(), (2,), (2, 3)]))
    known = [length for length in draw(lengths) if length] or [1]
    dtype = draw(st.sampled_from(["float32", "float32", *DTYPES]))
    padded = TensorType.of((len(known), max(known), *step), dtype)
    return PackedType(padded, draw(st.sampled_from([None, tuple(map(Dim.of, known))])))


@call
def _packs(draw: Draw) -> Call:
    input = a_tensor(draw, 1, 4)
    batch_first = draw(flags)
    batch = input.shape[0 if batch_first or input.rank < 2 else 1]
    count = draw(st.sampled_from([int(batch)] * 4 + [2]))
    given = draw(
        st.one_of(
            st.just(TensorType.of((count,), draw(st.sampled_from(["int64", "int32", "float32"])))),
            st.lists(st.sampled_from([1, 2, 1, 3, 0]), min_size=count, max_size=count),
            st.just(a_tensor(draw, 0, 2, "int64")),
        )
    )
    more = some(draw, enforce_sorted=flags)
    return "pack_padded_sequence", [input, given, batch_first], more


@call
def _pads_packed(draw: Draw) -> Call:
    more = some(draw, batch_first=flags, padding_value=values, total_length=st.integers(1, 5))
    return "pad_packed_sequence", [packed(draw)], more


@call
def _pads(draw: Draw) -> Call:
    sides = st.sampled_from(["right", "left"])
    more = some(draw, batch_first=flags, padding_value=values, padding_side=sides)
    return "pad_sequence", [sequences(draw)], more


@call
def _packs_list(draw: Draw) -> Call:
    return "pack_sequence", [sequences(draw)], some(draw, enforce_sorted=flags)


@call
def _unpacks(draw: Draw) -> Call:
    return "unpack_sequence", [packed(draw)], {}
