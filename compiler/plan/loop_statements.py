"""The statements of a loop in a constructor: what it carries along, what it goes over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..emit import code
from ..emit.names_read import names_read


@dataclass(frozen=True)
class Loop:
    """The times of a repeat, all made by the same code.

    first: assigns what the loop carries along. before: what stands before `made` each time, and
    renewed what stands after it. name: what is made is called by it among its siblings.
    """

    first: tuple[code.Statement, ...]
    target: code.Name | code.Tuple
    times: code.Expression
    before: tuple[code.Statement, ...]
    made: code.Expression
    renewed: tuple[code.Statement, ...]
    name: code.Expression

    @property
    def is_generator(self) -> bool:
        """Whether a generator says it all."""
        return not (self.first or self.before or self.renewed)

    def generator(self) -> code.Starred:
        """`*(made for target in times)`"""
        return code.Starred(code.GeneratorExp(self.made, self.target, self.times))

    def statements(self, collect: code.Statement) -> tuple[code.Statement, ...]:
        """The loop. collect: what is done with what is made."""
        body = (*self.before, collect, *self.renewed)
        return (*self.first, code.For(self.target, self.times, body))


def header(
    index: str | None, values: Mapping[str, code.Tuple], count: code.Expression
) -> tuple[code.Name | code.Tuple, code.Expression]:
    """What a loop assigns each time, and what it goes over: the values of variables, or `count`."""
    if not values:
        return code.Name(index or "_"), count
    targets = tuple(map(code.Name, values))
    target: code.Name | code.Tuple = code.Tuple(targets) if len(targets) > 1 else targets[0]
    rows = list(zip(*(column.items for column in values.values()), strict=True))
    times: code.Expression = code.Tuple(
        tuple(code.Tuple(row) if len(row) > 1 else row[0] for row in rows)
    )
    if index is None:
        return target, times
    return code.Tuple((code.Name(index), target)), code.Call(code.Name("enumerate"), (times,))


def begun(
    found: Sequence[tuple[str, code.Expression, code.Expression | None]],
) -> tuple[code.Statement, ...]:
    """Assigns what a loop carries along its first value, where it renews it each time."""
    return tuple(
        code.Assign(code.Name(name), value)
        for name, value, new in found
        if new is not None and value != code.Name(name)
    )


def assigned(pairs: Sequence[tuple[str, code.Expression]]) -> tuple[code.Statement, ...]:
    """Assigns new values to variables, all of them made from the old ones."""
    pairs = [(name, value) for name, value in pairs if value != code.Name(name)]
    names = {name for name, _ in pairs}
    if any(names & {*names_read(value)} - {name} for name, value in pairs):
        targets = tuple(code.Name(name) for name, _ in pairs)
        values = tuple(value for _, value in pairs)
        return (code.Assign(code.Tuple(targets), code.Tuple(values)),)
    return tuple(_assignment(code.Name(name), value) for name, value in pairs)


def _assignment(name: code.Name, value: code.Expression) -> code.Statement:
    """`channels += growth`, `channels = 64`."""
    match value:
        case code.BinOp(left, op, right) if left == name:
            return code.AugAssign(name, op, right)
        case code.BinOp(left, "+" | "*" as op, right) if right == name:
            return code.AugAssign(name, op, left)
    return code.Assign(name, value)
