"""Where lines break: documents of text, groups and possible line breaks, and their printing.

A group stands on one line if all of it fits, up to the next possible break behind it; else its
own breaks become line ends and its inner groups decide for themselves. The order in which the
alternatives are tried is that of the Black code style: `ruff format` finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from .literals import display_width

INDENT = 4


class Parens:
    """An optional pair of parentheses, there only if its content needs several lines."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A possible line end: `flat` where its group stands on one line; always one if None."""

    flat: str | None = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Content that stands on one line or breaks as one; `when` given: only inside those parens.

    `parens`: the optional parentheses that this group decides.
    """

    content: Doc
    parens: Parens | None = None
    when: Parens | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Content whose own line ends are taken, whatever surrounds it."""

    content: Doc


@dataclass(frozen=True, slots=True)
class Indent:
    """Content indented one level; `when` given: only inside those parens."""

    content: Doc
    when: Parens | None = None


@dataclass(frozen=True, slots=True)
class IfBroken:
    """`broken` or `flat`, by the enclosing group or, where given, by the parens."""

    broken: Doc
    flat: Doc = ""
    when: Parens | None = None


@dataclass(frozen=True, slots=True)
class Bracket:
    """Content with brackets of its own: breaking inside them spares the optional parens."""

    content: Doc
    unless: Parens


@dataclass(frozen=True, slots=True)
class BestFit:
    """Content in `parens` if these make it fit; without them if nothing does."""

    content: Doc
    parens: Parens


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The first whose first line fits with its groups unbroken, else the last, broken."""

    variants: tuple[Doc, ...]


Doc: TypeAlias = (
    "str | Line | Group | Broken | Indent | IfBroken | Bracket | BestFit | Alternatives"
    " | tuple[Doc, ...]"
)
SOFT = Line()
SPACE = Line(" ")
HARD = Line(None)


def block(content: Doc, line: Line = SOFT) -> Doc:
    """`content` on lines of its own where its group breaks."""
    return (Indent((line, content)), line)


def joined(items: Sequence[Doc], separator: Doc) -> tuple[Doc, ...]:
    """The items with the separator between each two."""
    return tuple(part for item in items for part in (separator, item))[1:]


def layout(doc: Doc, indent: int, width: int) -> str:
    """The text of `doc`, its first line included at `indent` columns."""
    printer = _Printer(width, column=indent)
    printer.stack.append(_Entry(doc, indent, flat=False))
    while printer.stack:
        printer.step(printer.stack.pop())
    return " " * indent + "".join(printer.out)


class _Entry(NamedTuple):
    """A document to print or to measure.

    every_line: measured to its end, not only to its first line end.
    overflow: its own lines may exceed the width.
    """

    doc: Doc
    indent: int
    flat: bool
    every_line: bool = False
    overflow: bool = False


@dataclass(slots=True)
class _Printer:
    width: int
    column: int
    stack: list[_Entry] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    broken: dict[Parens, bool] = field(default_factory=dict)
    measured: bool = False  # the line's groups are known to fit

    def step(self, entry: _Entry) -> None:
        """Print a text or a line end, or replace a document by its parts."""
        match entry.doc:
            case str(text):
                self.out.append(text)
                self.column += display_width(text)
            case Line(flat):
                self._line(entry, flat)
            case Group(content, parens, when):
                if when is None or self.broken[when]:
                    entry = entry._replace(flat=self._stands_flat(entry, content, parens))
                self.stack.append(entry._replace(doc=content))
            case Bracket(content, parens):
                self.measured = self.measured and self.broken[parens]
                self.stack.append(entry._replace(doc=content))
            case BestFit(content, parens):
                self.stack.append(self._best_fit(entry, content, parens))
            case Alternatives(variants):
                self.stack.append(self._alternative(entry, variants))
            case _:
                self.stack.extend(self._parts(entry))

    def _line(self, entry: _Entry, flat: str | None) -> None:
        if entry.flat and flat is not None:
            self.out.append(flat)
            self.column += len(flat)
        else:
            self.out.append("\n" + " " * entry.indent)
            self.column = entry.indent
            self.measured = False

    def _stands_flat(self, entry: _Entry, content: Doc, parens: Parens | None) -> bool:
        if parens is not None:
            self.broken[parens] = False
        flat = entry.flat and self.measured
        if not flat:
            self.measured = True
            flat = self._fits(_Entry(content, entry.indent, flat=True))
        if parens is not None:
            self.broken[parens] = not flat
        return flat

    def _best_fit(self, entry: _Entry, content: Doc, parens: Parens) -> _Entry:
        bare = _Entry(content, entry.indent, flat=True)
        if self._stands_flat(entry, content, parens):
            return bare
        enclosed = _Entry(("(", block(content), ")"), entry.indent, flat=False)
        self.broken[parens] = self._fits(enclosed._replace(every_line=True))
        return enclosed if self.broken[parens] else bare

    def _alternative(self, entry: _Entry, variants: tuple[Doc, ...]) -> _Entry:
        self.measured = True
        for variant in variants[:-1]:
            if self._fits(_Entry(variant, entry.indent, flat=True)):
                return _Entry(variant, entry.indent, flat=False)
        return _Entry(variants[-1], entry.indent, flat=False)

    def _parts(self, entry: _Entry) -> list[_Entry]:
        """What a document consists of, the first last, as on a stack."""
        match entry.doc:
            case Broken(content):
                return [entry._replace(doc=content, flat=False)]
            case Indent(content, when):
                if when is None or self.broken[when]:
                    entry = entry._replace(indent=entry.indent + INDENT)
                return [entry._replace(doc=content)]
            case IfBroken(broken, flat, when):
                is_broken = not entry.flat if when is None else self.broken[when]
                return [entry._replace(doc=broken if is_broken else flat)]
            case tuple(parts):
                return [entry._replace(doc=part) for part in reversed(parts)]
            case other:
                raise TypeError(f"not a document: {other!r}")

    def _fits(self, entry: _Entry) -> bool:
        """Whether the line stays within the width, up to its first possible end."""
        stack = [*self.stack, entry]
        column = self.column
        while stack:
            entry = stack.pop()
            match entry.doc:
                case str(text):
                    column += display_width(text)
                case Line(str(flat)) if entry.flat:
                    column += len(flat)
                case Line():
                    if not entry.every_line:
                        return True
                    column = entry.indent
                case _:
                    stack.extend(self._measured_parts(entry))
            if column > self.width and not entry.overflow:
                return False
        return True

    def _measured_parts(self, entry: _Entry) -> list[_Entry]:
        match entry.doc:
            case Group(content, parens):
                if parens is not None:
                    self.broken[parens] = not entry.flat
                return [entry._replace(doc=content)]
            case Bracket(content, parens):
                if entry.flat and not self.broken[parens]:
                    entry = entry._replace(flat=False, every_line=True, overflow=True)
                return [entry._replace(doc=content)]
            case BestFit(content, parens):
                self.broken[parens] = not entry.flat
                return [entry._replace(doc=content)]
            case Alternatives(variants):
                return [entry._replace(doc=variants[0 if entry.flat else -1])]
            case _:
                return self._parts(entry)
