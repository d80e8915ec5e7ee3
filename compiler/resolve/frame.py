"""One lexical scope of names."""

from __future__ import annotations

from dataclasses import dataclass, field

from .graph import Node


@dataclass
class Frame:
    """The names of one lexical scope: an entry and which of its values."""

    values: dict[str, tuple[Node, int | None]] = field(default_factory=dict)
