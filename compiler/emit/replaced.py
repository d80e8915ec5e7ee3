"""Code with other code in place of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from .code import Expression, Name

T = TypeVar("T")


def replaced(node: T, names: Mapping[str, Expression]) -> T:
    """Statements, or an expression, with expressions in place of the names that are told."""
    made: object = node
    if isinstance(node, Name):
        made = names.get(node.id, node)
    elif isinstance(node, tuple):
        made = tuple(replaced(item, names) for item in node)
    elif is_dataclass(node) and not isinstance(node, type):
        changed = {part.name: replaced(getattr(node, part.name), names) for part in fields(node)}
        made = replace(node, **changed)
    return made  # type: ignore[return-value]
