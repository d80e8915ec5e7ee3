"""An excerpt of a source text: the lines of a problem, with what is at fault underlined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .spec.diagnostic import Span
from .spec.source import line_and_column, line_text

Kind = Literal["source", "primary", "label", "gap"]

# The most cells that a source line takes; longer ones are cut around what is underlined.
WIDTH = 100
_TAB = " " * 4
# The cells that are kept for what stands around a long span.
_CONTEXT = 20
_CUT = "…"
_UNSHOWABLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to underline, with what is said about it."""

    span: Span
    message: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an excerpt; `line` is the number in the gutter."""

    kind: Kind
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a mark in one line, as a range of the line's code points."""

    line: int
    start: int
    end: int
    message: str
    primary: bool


def excerpt(text: str, marks: Iterable[Mark]) -> list[Row]:
    """The rows that show `marks` within `text`, from the top down."""
    by_line: dict[int, list[_Piece]] = {}
    for mark in marks:
        for piece in _pieces(text, mark):
            by_line.setdefault(piece.line, []).append(piece)
    rows: list[Row] = []
    previous = None
    for line in sorted(by_line):
        if previous is not None and line == previous + 2:
            rows.append(Row("source", _cut(line_text(text, line - 1), 0, 0)[0], line - 1))
        elif previous is not None and line > previous + 2:
            rows.append(Row("gap", ""))
        rows += _annotated(text, line, by_line[line])
        previous = line
    return rows


def visible(text: str) -> str:
    """The text with a visible sign for each character that would steer a terminal."""
    return text if text.isascii() and text.isprintable() else "".join(map(_glyph, text))


def visible_lines(text: str) -> list[str]:
    """The lines of a message, with nothing in them that would steer a terminal."""
    return [visible(line) for line in text.split("\n")]


def _pieces(text: str, mark: Mark) -> Iterator[_Piece]:
    """A mark within one line is one piece; of a longer one, the first and the last line."""
    first, start = _position(text, mark.span.start)
    last, end = _position(text, mark.span.end)
    if last > first and not line_text(text, last)[:end].strip():
        last -= 1
        end = len(line_text(text, last))
    if last <= first:
        yield _Piece(first, start, max(start, end), mark.message, mark.primary)
        return
    yield _Piece(first, start, len(line_text(text, first)), "", mark.primary)
    indent = len(line_text(text, last)) - len(line_text(text, last).lstrip())
    yield _Piece(last, indent, end, mark.message, mark.primary)


def _position(text: str, offset: int) -> tuple[int, int]:
    """The line, and the index within it, of a place; its end for one within the line's end."""
    line, column = line_and_column(text, offset)
    return line, min(column - 1, len(line_text(text, line)))


def _annotated(text: str, line: int, pieces: list[_Piece]) -> Iterator[Row]:
    """A line with its pieces below; again for those that its window doesn't show."""
    source = line_text(text, line)
    waiting = sorted(pieces, key=lambda piece: (not piece.primary, piece.start))
    while waiting:
        shown, low, high = _cut(source, waiting[0].start, waiting[0].end)
        yield Row("source", shown, line)
        left = []
        for piece in waiting:
            if low <= piece.start < high or piece.start == high == len(source):
                yield _underline(source, piece, low, high)
            else:
                left.append(piece)
        waiting = left


def _underline(source: str, piece: _Piece, low: int, high: int) -> Row:
    indent = len(_CUT) * (low > 0) + sum(_width(c) for c in source[low : piece.start])
    length = sum(_width(c) for c in source[piece.start : min(piece.end, high)])
    line = " " * indent + ("^" if piece.primary else "-") * max(1, length)
    message = f" {visible(piece.message)}" if piece.message else ""
    return Row("primary" if piece.primary else "label", line + message)


def _cut(source: str, start: int, end: int) -> tuple[str, int, int]:
    """The line as shown, and the range of it that fits around `start:end`."""
    begin = max(0, start - WIDTH)
    stop = min(len(source), max(start, min(end, start + WIDTH)) + WIDTH)
    if begin == 0 and stop == len(source) and sum(map(_width, source)) <= WIDTH:
        low, high = 0, len(source)
    else:
        low, high = _window(source, start, end)
    shown = "".join(map(_glyph, source[low:high])).rstrip()
    return _CUT * (low > 0) + shown + _CUT * (high < len(source)), low, high


def _window(source: str, start: int, end: int) -> tuple[int, int]:
    """The range from `start` on that fits, grown to both sides while there is room."""
    low = high = start
    room = WIDTH - 2 * len(_CUT) - _CONTEXT
    while high < end and _width(source[high]) <= room:
        room -= _width(source[high])
        high += 1
    room += _CONTEXT
    grown = True
    while grown:
        grown = False
        if low > 0 and _width(source[low - 1]) <= room:
            low -= 1
            room -= _width(source[low])
            grown = room > 0
        if high < len(source) and _width(source[high]) <= room:
            room -= _width(source[high])
            high += 1
            grown = room > 0
    return low, high


def _glyph(character: str) -> str:
    """What is shown for a code point."""
    if character.isprintable() or character == "\u200d":
        return character
    if character == "\t":
        return _TAB
    if character < " ":
        return chr(0x2400 + ord(character))
    return _UNSHOWABLE


def _width(character: str) -> int:
    """The cells that the glyph takes."""
    if " " <= character <= "~":
        return 1
    if character == "\t":
        return len(_TAB)
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me") or character == "\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
