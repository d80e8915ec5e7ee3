"""Long calls of one class that take mostly the same: `stack = partial(Stack, width=width, …)`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...spec.names import snake_case
from ..emit import code
from ..emit.names_read import names_read
from ..emit.printer import render

_FEWEST = 4
"""How many arguments two calls must share at least, so that saying them once reads better."""


def shared_arguments(
    statements: Sequence[code.Statement], arguments: Collection[str]
) -> list[code.Statement]:
    """The statements of a constructor, with what long calls of one class share said once.

    arguments: the constructor's own, which stay as they are.
    """
    found = list(statements)
    classes = Counter(call.name for call in _long_calls(statements))
    taken = {*arguments, *names_read(tuple(statements))}
    for name in (name for name, count in classes.items() if count > 1):
        calls = [call for call in _long_calls(found) if call.name == name]
        first, *others = (call.keywords for call in calls)
        common = [
            keyword
            for keyword in first
            if isinstance(keyword.value, code.Name)
            and keyword.value.id in arguments
            and all(keyword in other for other in others)
        ]
        held = snake_case(name)
        if len(common) < _FEWEST or held in taken:
            continue
        for call in calls:
            own = tuple(keyword for keyword in call.keywords if keyword not in common)
            found[call.at] = replace(call.statement, value=code.Call(code.Name(held), (), own))
        shared = code.Call(code.Name("partial"), (code.Name(name),), tuple(common))
        found.insert(calls[0].at, code.Assign(code.Name(held), shared))
    return found


class _LongCall(NamedTuple):
    """`self.encoder = Stack(…)`, the statement at a place."""

    at: int
    statement: code.Assign
    name: str
    keywords: tuple[code.Keyword, ...]


def _long_calls(statements: Sequence[code.Statement]) -> Iterator[_LongCall]:
    """The calls of blocks that take a line for each argument."""
    for at, statement in enumerate(statements):
        match statement:
            case code.Assign(_, code.Call(code.Name(name), (), keywords)) if render(
                [statement], indent=8
            ).count("\n") > len(keywords):
                yield _LongCall(at, statement, name, keywords)
