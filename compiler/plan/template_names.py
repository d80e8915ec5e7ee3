"""The code of a name that is a template: `f"denselayer{index + 1}"`."""

from __future__ import annotations

from collections.abc import Sequence

from ..emit import code
from ..resolve.graph import Argument
from .translate import Words


def joined(parts: Sequence[str | Argument], words: Words) -> code.Expression:
    """The name of a time."""
    return code.JoinedStr(
        tuple(part if isinstance(part, str) else words.expression(part.bound) for part in parts)
    )
