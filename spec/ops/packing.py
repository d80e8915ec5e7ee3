"""Sequences of different lengths, padded or packed.

Specs write these functions of `torch.nn.utils.rnn` by their bare names.
Source: https://docs.pytorch.org/docs/stable/nn.html#utility-functions-in-other-modules
"""

from itertools import pairwise
from typing import Annotated

from ..kinds import Choice, Either, Kind, Repeated
from ..refusal import Refusal
from ..tensor.check import need_at_least, need_equal, need_rank, same
from ..tensor.dim import Dim
from ..tensor.prove import Proved, at_least
from ..tensor.type import PackedType, TensorType, shape_text
from .base import (
    AnyNumber,
    Flag,
    OptionalSize,
    SizeKind,
    Tensor,
    TensorKind,
    Tensors,
    function,
)
from .pointwise import need_storable


class PackedKind(Kind):
    """Sequences that are packed."""

    expects = "a packed sequence, such as pack_padded_sequence(…) gives"

    def read(self, value: object) -> PackedType:
        if isinstance(value, PackedType):
            return value
        raise self.refused(value)


Packed = Annotated[PackedType, PackedKind()]
Lengths = Annotated[
    TensorType | tuple[Dim, ...], Either(TensorKind(), Repeated(SizeKind(), single=False))
]
Side = Annotated[str, Choice("right", "left")]


@function("rnn")
def pack_padded_sequence(
    input: Tensor, lengths: Lengths, batch_first: Flag = False, enforce_sorted: Flag = True
) -> PackedType:
    """(time, batch, *), (batch,) -> packed (batch, time, *)

    With batch_first the input is (batch, time, *). The lengths are from 1 to time; they fall where
    enforce_sorted says so.
    """
    if input.rank < 2:
        layout = "(batch, time, …)" if batch_first else "(time, batch, …)"
        raise Refusal(
            f"input is {layout}, seen is {shape_text(input.shape)}",
            code="shape-mismatch",
            argument="input",
        )
    for size in input.shape:
        need_at_least(size, 1, "torch packs no empty tensor", argument="input")
    first, second, *features = input.shape
    batch, time = (first, second) if batch_first else (second, first)
    padded = input.with_shape((batch, time, *features))
    if isinstance(lengths, TensorType):
        need_rank(lengths, (1,), "lengths", "(batch,)")
        count = lengths.shape[0]
    else:
        count = Dim.of(len(lengths))
    help = f"batch_first={not batch_first}" if same(count, time) else None
    what = "there is a length for each sequence"
    need_equal(count, batch, what, argument="lengths", other="input", help=help)
    if isinstance(lengths, TensorType):
        return PackedType(padded)
    for length in lengths:
        need_at_least(length, 1, "a sequence has a step", argument="lengths")
        what = "no sequence is longer than the input"
        need_at_least(time - length, 0, what, argument="lengths", other="input")
    if enforce_sorted:
        _need_sorted(lengths, "lengths")
    return PackedType(padded, lengths)


@function("rnn")
def pad_packed_sequence(
    sequence: Packed,
    batch_first: Flag = False,
    padding_value: AnyNumber = 0.0,
    total_length: OptionalSize = None,
) -> tuple[TensorType, TensorType]:
    """packed (batch, time, *) -> (total_length, batch, *), (batch,)

    With batch_first the first is (batch, total_length, *). The second are the lengths, on the CPU.
    """
    need_storable(padding_value, sequence.padded.dtype, "padding_value")
    if total_length is not None:
        for most in sequence.lengths or (sequence.time,):
            what = f"total_length = {total_length} is less than a sequence may have, {most}"
            need_at_least(total_length - most, 0, what, argument="total_length")
        longest = total_length
    elif sequence.lengths is not None:
        longest = _longest(sequence.lengths, "sequence")
    else:
        raise Refusal(
            "how long the longest sequence is depends on data",
            code="shape-depends-on-data",
            argument="sequence",
            help=f"total_length={sequence.time} pads to the length before packing",
        )
    sizes = (sequence.batch, longest) if batch_first else (longest, sequence.batch)
    padded = sequence.padded.with_shape((*sizes, *sequence.features))
    return padded, TensorType((sequence.batch,), "int64")


@function("rnn")
def pad_sequence(
    sequences: Tensors,
    batch_first: Flag = False,
    padding_value: AnyNumber = 0.0,
    padding_side: Side = "right",
) -> TensorType:
    """(length, *) each -> (longest, count, *), or (count, longest, *) with batch_first"""
    lengths = _lengths(sequences)
    need_storable(float(padding_value), sequences[0].dtype, "padding_value")
    longest = _longest(lengths, "sequences")
    count = Dim.of(len(sequences))
    sizes = (count, longest) if batch_first else (longest, count)
    return sequences[0].with_shape((*sizes, *sequences[0].shape[1:]))


@function("rnn")
def pack_sequence(sequences: Tensors, enforce_sorted: Flag = True) -> PackedType:
    """(length, *) each -> packed (count, longest, *)"""
    lengths = _lengths(sequences)
    if enforce_sorted:
        _need_sorted(lengths, "sequences")
    padded = pad_sequence(sequences, batch_first=True)
    for size in (*lengths, *padded.shape[2:]):
        need_at_least(size, 1, "torch packs no empty tensor", argument="sequences")
    return PackedType(padded, lengths)


@function("rnn")
def unpack_sequence(packed_sequences: Packed) -> tuple[TensorType, ...]:
    """packed (batch, time, *) of known lengths -> (length, *) each"""
    if packed_sequences.lengths is None:
        raise Refusal(
            "how long each sequence is depends on data",
            code="shape-depends-on-data",
            argument="packed_sequences",
            help="pad_packed_sequence(…, total_length=…) gives one tensor",
        )
    step, features = packed_sequences.padded, packed_sequences.features
    return tuple(step.with_shape((length, *features)) for length in packed_sequences.lengths)


def _lengths(sequences: tuple[TensorType, ...]) -> tuple[Dim, ...]:
    """The lengths of sequences, whose steps must be of one type."""
    if not sequences:
        raise Refusal("there must be a sequence", argument="sequences")
    first = sequences[0]
    for one in sequences:
        if not one.rank:
            raise Refusal(
                "a sequence has a dimension of steps, seen is ()",
                code="shape-mismatch",
                argument="sequences",
            )
        what = f"the steps of all sequences are of one shape, seen are {first} and {one}"
        if one.rank != first.rank:
            raise Refusal(what, code="shape-mismatch", argument="sequences")
        for size, wanted in zip(one.shape[1:], first.shape[1:], strict=True):
            need_equal(size, wanted, what, argument="sequences")
        if one.dtype != first.dtype:
            raise Refusal(
                f"all sequences are of one element type, seen are {first.dtype} and {one.dtype}",
                code="dtype-mismatch",
                argument="sequences",
            )
    return tuple(one.shape[0] for one in sequences)


def _need_sorted(lengths: tuple[Dim, ...], argument: str) -> None:
    """Refuses lengths that do not fall."""
    for length, following in pairwise(lengths):
        need_at_least(
            length - following,
            0,
            f"enforce_sorted wants lengths that fall, {following} follows {length}",
            argument=argument,
            help="enforce_sorted=False",
        )


def _longest(lengths: tuple[Dim, ...], argument: str) -> Dim:
    """The longest of lengths. Refuses where it hangs on sizes which that is."""
    for length in lengths:
        if all(isinstance(at_least(length - other, 0), Proved) for other in lengths):
            return length
    raise Refusal(
        f"which of the lengths {', '.join(map(str, lengths))} is the longest hangs on sizes",
        code="shape-depends-on-size",
        argument=argument,
        help=f'say which is the longest: where = "{lengths[0]} >= {lengths[-1]}"',
    )
