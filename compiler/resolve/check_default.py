"""Checks the items of a list that is a param's default."""

from __future__ import annotations

from .bound import BROKEN, Input, outside_shapes
from .graph import Argument
from .problems import Problems


def checked_default(default: Argument, problems: Problems) -> Argument:
    """A param's default, broken after a report where it is a list with what only a call has.

    A default that is no list becomes a constant of the block, which is checked where it is used.
    """
    if not isinstance(default.value, tuple):
        return default
    items = tuple(_checked_item(item, problems) for item in default.value)
    is_broken = any(item.value == BROKEN for item in items)
    return Argument(default.path, BROKEN if is_broken else items)


def _checked_item(item: Argument, problems: Problems) -> Argument:
    if isinstance(item.value, tuple):
        return checked_default(item, problems)
    for node in outside_shapes(item.bound):
        if isinstance(node, Input):
            said = f"a param must be known at build, and {node.name} is what a call takes"
            problems.error("not-constant", said, item.path, within=node.at)
            return Argument(item.path, BROKEN)
    return item
