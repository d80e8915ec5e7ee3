"""Items of lists that are written out."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from ...spec.expression import nodes
from ..emit import code
from ..resolve.bound import Each


def item(held: Any, index: Any) -> code.Expression:
    """`held[index]`; of a list whose items have names, or stand in a list, the item itself."""
    number = _number(index)
    if not isinstance(held, code.List) or number is None:
        return code.Subscript(held, index)
    items = held.items if number >= 0 else held.items[::-1]
    place = number if number >= 0 else -number - 1
    alone = len(list(takewhile(lambda one: isinstance(one, code.Name), items)))
    if place < alone:
        return items[place]  # type: ignore[return-value]
    # How many items a list in this one has is known at its nearer end alone.
    if alone < len(items) and (place == alone or alone == len(items) - 1):
        rest = items[alone]
        if isinstance(rest, code.Starred) and isinstance(rest.value, code.Name):
            return code.Subscript(rest.value, _place(place - alone, number < 0))
    return code.Subscript(held, index)


def _number(index: object) -> int | None:
    match index:
        case code.Constant(int(value)) if not isinstance(value, bool):
            return value
        case code.UnaryOp("-", code.Constant(int(value))) if value:
            return -value
    return None


def _place(place: int, from_end: bool) -> code.Expression:
    return code.UnaryOp("-", code.Constant(place + 1)) if from_end else code.Constant(place)


def are_joined(left: object, right: object) -> bool:
    """Whether a sum is one of lists that may be tuples in the output: params, shapes, and what
    functions give are, what is written out and what the times of a repeat give is not."""
    return _is_list(left) or _is_list(right)


def joined(left: Any, right: Any) -> code.List:
    """`[0, *sizes]`"""
    return code.List((*_items(left), *_items(right)))


def _is_list(node: object) -> bool:
    match node:
        case nodes.Sequence() | Each():
            return True
        case nodes.Subscript(value, nodes.Slice()):
            return _is_list(value)
        case nodes.Binary(left, "+", right):
            return are_joined(left, right)
    return False


def _items(made: Any) -> tuple[Any, ...]:
    return made.items if isinstance(made, code.List | code.Tuple) else (code.Starred(made),)
