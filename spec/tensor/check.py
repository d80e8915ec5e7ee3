"""Demands on sizes, for the rules of layers and functions.

A demand that can't be proved for all sizes raises `Refusal` with sizes for which it fails. One
that holds from some size on is recorded as a need, part of the model's interface.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypedDict, Unpack

from ..record import Record
from ..refusal import Refusal
from .dim import Dim, Symbol
from .prove import Needs, Proved, Refuted, at_least, equal, multiple_of, quotient
from .type import Shape, TensorType, product, shape_text


class Fault(TypedDict, total=False):
    """What a refusal says beside its message; as the arguments of `Refusal`."""

    code: str
    argument: str | None
    other: str | None
    help: str | None


class Need(Record):
    """Sizes must satisfy `bound`; if `training` is set, only in training mode."""

    bound: Needs
    training: bool = False


_needs: ContextVar[list[Need] | None] = ContextVar("needs", default=None)


@contextmanager
def collecting_needs() -> Iterator[list[Need]]:
    """The needs that rules state while the block runs."""
    found: list[Need] = []
    token = _needs.set(found)
    try:
        yield found
    finally:
        _needs.reset(token)


def state_needs(needs: Sequence[Need], *, training: bool) -> None:
    """States needs that were collected; `training` where they come up in training only."""
    found = _needs.get()
    if found is not None:
        found += [Need(need.bound, need.training or training) for need in needs]


_counts: ContextVar[tuple[tuple[Symbol, Dim], ...]] = ContextVar("counts", default=())


@contextmanager
def counting_to(index: Symbol, length: Dim) -> Iterator[None]:
    """While the block runs, `index` stands for every number from 0 up to below `length`."""
    token = _counts.set((*_counts.get(), (index, length)))
    try:
        yield
    finally:
        _counts.reset(token)


def _smallest(size: Dim) -> Dim:
    """A size where the indices of loops, as far as it is linear in them, make it smallest."""
    for index, length in reversed(_counts.get()):
        factor = size.terms.get((index,), 0)
        rest = size - factor * Dim.of(index)
        if factor and index not in rest.symbols:
            size = rest if factor > 0 else rest + factor * (length - 1)
    return size


def _needs_hold(sizes: Mapping[str, int]) -> bool:
    """Whether sizes satisfy what has been found that they must; those of others don't count."""
    needs = [need.bound for need in _needs.get() or () if not need.training]
    known = [need for need in needs if {symbol.name for symbol in need.dim.symbols} <= set(sizes)]
    return all(need.holds(sizes) for need in known)


def witness_text(witness: object) -> str:
    """Sizes of a counter-example: `height = 3, width = 4`."""
    assert hasattr(witness, "items")
    return ", ".join(f"{name} = {size}" for name, size in witness.items())


def same(left: Dim, right: Dim) -> bool:
    """Whether two sizes are proved equal."""
    return left == right or isinstance(equal(left, right), Proved)


def need_equal(left: Dim, right: Dim, what: str, **fault: Unpack[Fault]) -> None:
    """Refuses unless two sizes are equal for all values of their symbols.

    what: the message's beginning, such as "the inputs' sizes in dimension 2 must be equal".
    fault: `argument`, `other`, `help` of the refusal.
    """
    if left == right:
        return
    verdict = equal(left, right)
    if isinstance(verdict, Proved):
        return
    fault.setdefault("code", "shape-mismatch")
    if isinstance(verdict, Refuted):
        seen = f"{what}: {left} is not {right}"
        if verdict.witness:
            # Imported for a refusal: most checks have none.
            from .advice import settling, telling

            at = telling(left, right, verdict.witness, _needs_hold)
            seen += (
                f" (for {witness_text(at)} they are {left.evaluate(at)} and {right.evaluate(at)})"
            )
            if fault.get("help") is None:
                fault["help"] = settling(left, right)
        raise Refusal(seen, **fault)
    raise Refusal(f"{what}: {left} = {right} is not decided ({verdict.reason})", **fault)


def need_at_least(
    size: Dim, bound: int, what: str, *, training: bool = False, **fault: Unpack[Fault]
) -> None:
    """Refuses unless `size >= bound` for all sizes, or from some size on (recorded as a need).

    what: the message's beginning, such as "the kernel does not fit".
    """
    size = _smallest(size)
    if size.constant is not None and size.constant >= bound:
        return
    verdict = at_least(size, bound)
    if isinstance(verdict, Proved):
        return
    fault.setdefault("code", "shape-mismatch")
    if isinstance(verdict, Needs) and any(index in size.symbols for index, _ in _counts.get()):
        raise Refusal(f"{what}: {size} >= {bound} does not hold for every index", **fault)
    if isinstance(verdict, Needs):
        found = _needs.get()
        if found is not None:
            found.append(Need(verdict, training))
        return
    if isinstance(verdict, Refuted):
        at = f", for {witness_text(verdict.witness)}" if verdict.witness else ""
        seen = "" if size.is_constant else f"{size} must be at least {bound}"
        raise Refusal(": ".join(filter(None, (what, seen))) + at, **fault)
    raise Refusal(
        f"{what}: {size} >= {bound} is not decided ({verdict.reason})",
        **fault,
    )


def smaller(left: Dim, right: Dim, what: str, **fault: Unpack[Fault]) -> Dim:
    """The smaller of two sizes; refuses where it hangs on symbols which that is.

    what: the message's beginning, such as "the rank of the matrix".
    """
    if isinstance(at_least(right - left, 0), Proved):
        return left
    if isinstance(at_least(left - right, 0), Proved):
        return right
    fault.setdefault("code", "shape-depends-on-size")
    fault.setdefault("help", f'say which is smaller: where = "{left} <= {right}"')
    raise Refusal(f"{what} is the smaller of {left} and {right}, which vary", **fault)


def need_multiple(size: Dim, of: int, what: str, **fault: Unpack[Fault]) -> None:
    """Refuses unless `size` is a multiple of `of` for all sizes."""
    verdict = multiple_of(size, of)
    if isinstance(verdict, Proved):
        return
    fault.setdefault("code", "shape-mismatch")
    reason = (
        f" (for {witness_text(verdict.witness)})"
        if isinstance(verdict, Refuted) and verdict.witness
        else ""
    )
    raise Refusal(f"{what}: {size} is not a multiple of {of}{reason}", **fault)


def divided(dividend: Dim, divisor: Dim, what: str, **fault: Unpack[Fault]) -> Dim:
    """The exact quotient of two sizes, as `view(-1)` needs it."""
    result = quotient(dividend, divisor)
    if isinstance(result, Dim):
        return result
    fault.setdefault("code", "shape-mismatch")
    reason = (
        f" (for {witness_text(result.witness)})"
        if isinstance(result, Refuted) and result.witness
        else ""
    )
    raise Refusal(f"{what}: {dividend} is not a multiple of {divisor}{reason}", **fault)


def need_rank(tensor: TensorType, ranks: Sequence[int], argument: str, layout: str) -> None:
    """Refuses a tensor whose number of dimensions is none of `ranks`.

    layout: how the dimensions read, such as "(batch, channels, height, width)".
    """
    if tensor.rank not in ranks:
        raise Refusal(
            f"{argument} is {layout}, seen is {shape_text(tensor.shape)} with {tensor.rank}"
            f" dimension{'' if tensor.rank == 1 else 's'}",
            code="shape-mismatch",
            argument=argument,
        )


def need_shape(
    tensor: TensorType, shape: Sequence[Dim], argument: str, other: str | None = None
) -> None:
    """Refuses a tensor of another shape than this one."""
    what = f"{argument} must be {shape_text(shape)}, seen is {shape_text(tensor.shape)}"
    fault: Fault = {"code": "shape-mismatch", "argument": argument, "other": other}
    if tensor.rank != len(shape):
        raise Refusal(what, **fault)
    for seen, wanted in zip(tensor.shape, shape, strict=True):
        need_equal(seen, wanted, what, **fault)


def is_one(size: Dim) -> bool:
    """Whether a size is surely 1: whether a symbol is 1 is never guessed."""
    return size.constant == 1


def broadcast(*shapes: Shape, names: Sequence[str] = ()) -> Shape:
    """The shape of an element-wise result, as torch broadcasts: 1 joins with anything and a size
    with itself, dimensions counted from the last.

    Source: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
    """
    first = max(range(len(shapes)), key=lambda i: len(shapes[i]))
    result = list(shapes[first])
    for index, shape in enumerate(shapes):
        if index == first:
            continue
        for back in range(1, len(shape) + 1):
            size, seen = shape[-back], result[-back]
            if is_one(seen):
                result[-back] = size
            elif not is_one(size):
                need_equal(
                    seen,
                    size,
                    f"{shape_text(shapes[first])} and {shape_text(shape)} don't broadcast",
                    argument=names[index] if names else None,
                    other=names[first] if names else None,
                )
    return tuple(result)


def dimension(index: int, rank: int, argument: str = "dim") -> int:
    """A dimension counted from 0, from one that may count from the end.

    As torch, a tensor without dimensions takes 0 and -1.
    """
    width = max(rank, 1)
    if not -width <= index < width:
        raise Refusal(
            f"{argument} = {index}, but the tensor has {rank} dimension"
            f"{'' if rank == 1 else 's'} ({-width} to {width - 1} are allowed)",
            argument=argument,
            code="dimension-out-of-range",
        )
    return index % width


def flattened(shape: Shape, start: int, end: int) -> Shape:
    """A shape with its dimensions `start` to `end` (inclusive) joined to one."""
    return (*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :])
