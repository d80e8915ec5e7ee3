"""Collects the problems of a run, turning paths of the document into places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..spec.diagnostic import Diagnostic, Fix, Label
from ..spec.expression.nodes import Range
from ..spec.source import Document, Path, Value
from ..spec.source.document import path_text

Part = Literal["key", "value"]
Where = tuple[Path, Range | None]


class Problems:
    """The diagnostics of one compilation."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Diagnostic] = []

    def error(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        within: Range | None = None,
        part: Part = "value",
        labels: Sequence[tuple[Path, Range | None, str]] = (),
        help: str | None = None,
        replacement: str | None = None,
    ) -> None:
        """Adds a problem at a value (or its key), or at a range of a string there.

        labels: further places with what is to be seen there.
        replacement: what could stand in the place's stead.
        """
        span = self.document.span(path, key=part == "key", within=within)
        marked = []
        for label_path, label_range, text in labels:
            label_span = self.document.span(label_path, within=label_range)
            if label_span is not None and label_span != span:
                marked.append(Label(label_span, text))
        fix = Fix(span, replacement) if span is not None and replacement is not None else None
        self.found.append(
            Diagnostic(code, message, span, path_text(path), tuple(marked), help=help, fix=fix)
        )

    def raw(self, path: Path) -> Value | None:
        """The value as written, None where there is none."""
        value: Value = self.document.value
        for key in path:
            try:
                value = value[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def __bool__(self) -> bool:
        return bool(self.found)
