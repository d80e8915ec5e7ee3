"""What changes between two specs, as data."""

from __future__ import annotations

from typing import Final, Literal, TypedDict, get_args

from ...spec.diagnostic import Span
from ...spec.record import Record
from ...spec.source import Document, Path

Kind = Literal["checkpoints", "callers", "numerics", "training"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""For whom something changes, the most breaking first."""


class Change(Record):
    """One thing that is another one now.

    code: a stable kebab-case name, such as `renamed`. message: a sentence.
    breaks: whether what worked before fails, or silently does something else.
    old, new: where it stands in either spec. details: of many names, each; of numbers, which.
    help: what to do.
    """

    kind: Kind
    code: str
    message: str
    breaks: bool
    old: Span | None = None
    new: Span | None = None
    details: tuple[str, ...] = ()
    help: str | None = None


class Places(TypedDict):
    """The places of a change, as its fields."""

    old: Span | None
    new: Span | None


class Sides(Record):
    """The documents of both specs, for places."""

    old: Document
    new: Document

    def places(self, old: Path | None, new: Path | None) -> Places:
        """The places of a change; those of entries without their contents."""
        return {"old": _place(self.old, old), "new": _place(self.new, new)}


def _place(document: Document, path: Path | None) -> Span | None:
    if path is None:
        return None
    span = document.span(path, key=True)
    if span is None or path not in document.places:
        return span
    # An entry is told by its name where it has one: a table has no key in a list.
    named = document.places.get((*path, "name")) if isinstance(path[-1], int) else None
    return named.value if named is not None else span
