"""Problems as data: what is wrong, where, what was expected, and a fix to try.

A stage never prints and never stops at the first problem. It reports `Diagnostic`s to a
`Reporter`; the face of specc sorts and renders them once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of a source text, in code points: `file[start:end]`."""

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that belongs to the problem, with what is to be seen there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that would mend the problem: put `text` in the place of `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
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


def in_reading_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by place, each once. Those without a place come first."""
    nowhere = Span("", -1, -1)
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda d: (d.span or nowhere, d.where, d.code, d.message))


class SpecError(Exception):
    """A spec that can't be compiled; `diagnostics` says why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_reading_order(diagnostics)
        super().__init__("\n".join(f"{d.where}: {d.message}" for d in self.diagnostics))


@dataclass(slots=True)
class Reporter:
    """Collects the problems of one run."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)
