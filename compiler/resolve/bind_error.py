"""What is wrong with a name in an expression."""

from __future__ import annotations

from ...spec.expression.nodes import Range
from ...spec.source import Path


class BindError(Exception):
    """A name that means nothing here."""

    def __init__(
        self,
        code: str,
        message: str,
        at: Range,
        *,
        help: str | None = None,
        replacement: str | None = None,
        other: Path | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.help = help
        self.replacement = replacement
        self.other = other
