"""What the times of a repeat give, one by one."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.refusal import Refusal
from ...spec.tensor.type import TensorType
from ..resolve.bound import Each
from .evaluate import Unknown
from .places import without_running
from .typed import Known, OptionalType, TypedNode


def each(node: Each, made: Mapping[object, TypedNode]) -> tuple[Known, ...]:
    """The list that `each(…)` is; what is left out has no place in it.

    Raises `Refusal` for a value that may be None, `Unknown` where an entry has failed.
    """
    if node.entry in made and made[node.entry].absent:
        return ()
    found: list[Known] = []
    for value in node.values:
        typed = made.get(value.entry[:-1])
        if typed is None:
            raise Unknown
        if typed.absent:
            continue
        last = typed.times[-1:] * (typed.count - len(typed.times))
        times = (*typed.times, *last) or (typed,)
        found += [_said_outside(time.outputs[0]) for time in times]
    return tuple(found)


def _said_outside(value: Known) -> Known:
    """What a time gives, without formulas that mean nothing outside of the repeat."""
    if isinstance(value, OptionalType):
        said = "an entry of training alone can't be one of a list: its value may be None"
        raise Refusal(said, code="may-be-none")
    if not isinstance(value, TensorType):
        return value
    return TensorType(tuple(map(without_running, value.shape)), value.dtype)
