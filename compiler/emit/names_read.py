"""The names in code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from .code import Name


def names_read(node: object) -> Iterator[str]:
    """The names in statements and expressions, as often as they stand there."""
    if isinstance(node, Name):
        yield node.id
    elif isinstance(node, tuple):
        for item in node:
            yield from names_read(item)
    elif is_dataclass(node):
        for part in fields(node):
            yield from names_read(getattr(node, part.name))
