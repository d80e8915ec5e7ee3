"""Problems as data: what is wrong, where, what was expected, and a fix to try.

A stage never prints and never stops at the first problem; the face of specc sorts and renders the
problems of a run once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from .record import Record

Severity = Literal["error", "warning"]


class Span(Record):
    """A range of a source text, in code points: `file[start:end]`."""

    file: str
    start: int
    end: int


class Label(Record):
    """A second place that belongs to the problem, with what is to be seen there."""

    span: Span
    message: str


class Fix(Record):
    """An edit that is sure to mend the problem: put `text` in the place of `span`.

    What may have been meant otherwise has a help alone: `check --fix` makes every fix.
    """

    span: Span
    text: str


class Diagnostic(Record):
    """One problem of a spec.

    code: a stable kebab-case name, such as ``unknown-argument``.
    message: what was seen and what was expected, in one or two sentences.
    span: the characters at fault; None where the source has no text (a dict).
    where: the same place as a path of keys, such as ``model.layers[2].out_features``.
    """

    code: str
    message: str
    span: Span | None = None
    where: str = ""
    labels: tuple[Label, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        """As the command line says it, with the path of keys for the line: that needs the text."""
        places = [self.span.file if self.span else "", self.where]
        said = [place for place in places if place]
        return ": ".join([*said, f"{self.severity}[{self.code}]", self.message])


def in_reading_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by place, each once. Those without a place come first."""
    return sorted(dict.fromkeys(diagnostics), key=_reading_order)


def _reading_order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str, str]:
    span = diagnostic.span or Span("", -1, -1)
    place = (span.file, span.start, span.end)
    return (*place, diagnostic.where, diagnostic.code, diagnostic.message)


class SpecError(Exception):
    """A spec that can't be compiled; `diagnostics` says why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_reading_order(diagnostics)
        super().__init__("\n".join(map(_with_help, self.diagnostics)))


def _with_help(diagnostic: Diagnostic) -> str:
    return f"{diagnostic}{f' ({diagnostic.help})' if diagnostic.help else ''}"
