"""Collects the problems of a run, turning paths of the document into places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from ...spec.diagnostic import Diagnostic, Fix, Label, Span
from ...spec.expression.nodes import Range
from ...spec.source import Document, Path, Value

Part = Literal["key", "value"]
Where = tuple[Path, Range | None]
_LONGEST: Final = 1_000
_QUOTE: Final = '"'
# Controls, invisible and bidirectional marks, surrogates: a spec's text must not steer a reader.
_UNSEEN: Final = re.compile(
    "[\0-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


class Problems:
    """The diagnostics of one compilation.

    is_lost: whether what was meant somewhere can't be guessed, so that nothing is surely unread.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Diagnostic] = []
        self.is_lost = False
        self._seen: set[tuple[object, ...]] = set()
        self._around: list[tuple[Path, str]] = []

    def error(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        within: Range | None = None,
        part: Part = "value",
        labels: Sequence[tuple[Path | Span, Range | None, str]] = (),
        help: str | None = None,
        replacement: str | None = None,
    ) -> None:
        """Adds a problem at a value (or its key), or at a range of a string there, each once.

        labels: further places with what is to be seen there; in files of one's own they are spans.
        replacement: what could stand in the place's stead.
        """
        span = self.document.span(path, key=part == "key", within=within)
        message = clean(message)
        if (code, message, path, span) in self._seen:
            return
        self._seen.add((code, message, path, span))
        marked = []
        for label_path, label_range, text in (*labels, *self._context()):
            label_span = self._span(label_path, label_range)
            if label_span is not None and label_span != span:
                marked.append(Label(label_span, clean(text)))
        fix = self._fix(path, span, replacement, part)
        self.found.append(
            Diagnostic(
                code,
                message,
                span,
                clean(self.document.where(path)),
                tuple(marked),
                help=clean(help) if help else None,
                fix=fix,
            )
        )

    def mend(self, path: Path, key: str) -> None:
        """Takes a misspelt key, which has been reported, for the one that was meant."""
        self.document = self.document.renamed(path, key)

    def _span(self, place: Path | Span, within: Range | None) -> Span | None:
        return place if isinstance(place, Span) else self.document.span(place, within=within)

    def _fix(self, path: Path, span: Span | None, text: str | None, part: Part) -> Fix | None:
        if span is None or text is None:
            return None
        written = self.document.texts[span.file][span.start : span.end]
        if part == "key":
            table = self.raw(path[:-1])
            if isinstance(table, dict) and text.strip(_QUOTE) in table:
                # What was meant is there already: twice is no better.
                return None
        quotes = _quotes(written)
        # What stands in quotes, as all of JSON's keys do, keeps them.
        if quotes and (part == "key" or text[:1] == '"'):
            text = f"{quotes}{text.strip(_QUOTE)}{quotes}"
        return Fix(span, text)

    @contextmanager
    def around(self, path: Path, text: str) -> Iterator[None]:
        """Problems found meanwhile say too what led to them, at `path`."""
        self._around.append((path, text))
        try:
            yield
        finally:
            self._around.pop()

    @contextmanager
    def tried(self) -> Iterator[list[Diagnostic]]:
        """Problems found meanwhile are no problems: they are in the list alone."""
        outer, seen = self.found, set(self._seen)
        self.found = []
        try:
            yield self.found
        finally:
            self.found, self._seen = outer, seen

    def _context(self) -> list[tuple[Path, Range | None, str]]:
        return [(path, None, text) for path, text in self._around[-1:]]

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


def _quotes(written: str) -> str:
    """The quotes that a key or string begins with as written, if any."""
    for quotes in ('"""', "'''", '"', "'"):
        if written.startswith(quotes) and written.endswith(quotes):
            return quotes
    return ""


def clean(text: str) -> str:
    """A text of one line and bounded length, with nothing in it that can't be seen."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return _UNSEEN.sub(lambda m: m[0].encode("unicode_escape", "surrogatepass").decode(), short)
