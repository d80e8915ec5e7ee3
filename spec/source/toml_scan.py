"""The place of each key and value of a TOML text.

tomli gives values without positions. This scanner walks a text that tomli has accepted and so
checks nothing; on other text it stops at the first thing that it can't follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..diagnostic import Span
from ..record import Record
from .document import Offsets, Path, Place

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A date may be parted from its time by one space.
_SCALAR = re.compile(r"(?:\d{4}-\d\d-\d\d )?[^\s,\]}#]+")
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_MULTILINE_ESCAPE = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*|\\x..|\\u.{4}|\\U.{8}|\\.|\r\n", re.DOTALL)
_ESCAPE = re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\.")
_LINE_BREAK = re.compile(r"\r\n")
_SHORT_ESCAPES = dict(zip('btnfre"\\', '\b\t\n\f\r\x1b"\\', strict=True))


class _LostError(Exception):
    """The text is not TOML from here on."""


class _KeyPart(Record):
    name: str
    span: Span


@dataclass(slots=True)
class Scan:
    """The places found in a text, and the last key met: (path, its own span, start of the key)."""

    text: str
    file: str
    places: dict[Path, Place] = field(default_factory=dict)
    last_key: tuple[Path, Span, int] | None = None
    _at: int = 0
    _tables_in_array: dict[Path, int] = field(default_factory=dict)
    _implied: set[Path] = field(default_factory=set)

    def run(self) -> None:
        self.places[()] = Place(Span(self.file, 0, 0), None)
        table: Path = ()
        try:
            while True:
                self._skip(_BLANK)
                if self._at >= len(self.text):
                    return
                table = self._header() if self._looking_at("[") else self._pair(table, table)
        except _LostError:
            return

    def _header(self) -> Path:
        start = self._at
        is_array = self._looking_at("[[")
        self._at += 2 if is_array else 1
        self._skip(_SPACE)
        parts = self._key_parts()
        end = self._at + (2 if is_array else 1)
        header = Span(self.file, start, end)
        path: Path = ()
        for part in parts[:-1]:
            path += (part.name,)
            if path not in self.places:
                self.places[path] = Place(header, part.span)
                self._implied.add(path)
            path = self._entered(path)
        path += (parts[-1].name,)
        self.last_key = (path, parts[-1].span, parts[0].span.start)
        if path not in self.places or path in self._implied:
            self._implied.discard(path)
            self.places[path] = Place(header, parts[-1].span)
        self._expect("]]" if is_array else "]")
        if is_array:
            self._tables_in_array[path] = self._tables_in_array.get(path, 0) + 1
            path = self._entered(path)
            self.places[path] = Place(header, None)
        return path

    def _entered(self, path: Path) -> Path:
        """In an array of tables a further key belongs to the last one."""
        count = self._tables_in_array.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path, result: Path) -> Path:
        parts = self._key_parts()
        path = table
        for part in parts[:-1]:
            path += (part.name,)
            self.places.setdefault(path, Place(part.span, part.span))
            path = self._entered(path)
        path += (parts[-1].name,)
        self.last_key = (path, parts[-1].span, parts[0].span.start)
        self._expect("=")
        self._skip(_SPACE)
        self._value(path, parts[-1].span)
        return result

    def _key_parts(self) -> list[_KeyPart]:
        parts = []
        while True:
            start = self._at
            if self.text[start : start + 1] in ('"', "'"):
                name, _ = self._string()
            else:
                name = self._take(_BARE_KEY)
            parts.append(_KeyPart(name, Span(self.file, start, self._at)))
            self._skip(_SPACE)
            if not self._looking_at("."):
                return parts
            self._at += 1
            self._skip(_SPACE)

    def _value(self, path: Path, key: Span | None) -> None:
        start = self._at
        first = self.text[start : start + 1]
        offsets = None
        if first in ('"', "'"):
            _, offsets = self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._take(_SCALAR)
        self.places.setdefault(path, Place(Span(self.file, start, self._at), key, offsets))

    def _array(self, path: Path) -> None:
        self._at += 1
        self._skip(_BLANK)
        index = 0
        while not self._looking_at("]"):
            self._value((*path, index), None)
            self._separator("]")
            index += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip(_BLANK)
        while not self._looking_at("}"):
            self._pair(path, path)
            self._separator("}")
        self._at += 1

    def _separator(self, closing: str) -> None:
        self._skip(_BLANK)
        if not self._looking_at(closing):
            self._expect(",")
            self._skip(_BLANK)

    def _string(self) -> tuple[str, Offsets | None]:
        start = self._at
        token = self._take(_STRING)
        quotes = 3 if token[:3] in ('"""', "'''") else 1
        begin, end = start + quotes, self._at - quotes
        if quotes == 3:
            begin += 2 if self._text_at(begin, "\r\n") else self._text_at(begin, "\n")
        if token[0] == '"':
            escapes = _MULTILINE_ESCAPE if quotes == 3 else _ESCAPE
        else:
            escapes = _LINE_BREAK
        return _decoded(self.text, begin, end, escapes, start + 1)

    def _text_at(self, at: int, expected: str) -> bool:
        return self.text.startswith(expected, at)

    def _looking_at(self, expected: str) -> bool:
        return self.text.startswith(expected, self._at)

    def _expect(self, expected: str) -> None:
        if not self._looking_at(expected):
            raise _LostError
        self._at += len(expected)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self._at)
        self._at = match.end() if match else self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self._at)
        if match is None:
            raise _LostError
        self._at = match.end()
        return match.group()


def _decoded(
    text: str, begin: int, end: int, escapes: re.Pattern[str], plain_begin: int
) -> tuple[str, Offsets | None]:
    """The string written at `begin:end`, and its offsets unless they are `plain_begin` onwards."""
    pieces = []
    runs = [(0, begin, 1)]
    decoded, at = 0, begin
    for escape in escapes.finditer(text, begin, end):
        pieces.append(text[at : escape.start()])
        decoded += escape.start() - at
        character = _unescaped(escape.group())
        if character:
            runs.append((decoded, escape.start(), escape.end() - escape.start()))
            pieces.append(character)
            decoded += 1
        at = escape.end()
        runs.append((decoded, at, 1))
    pieces.append(text[at:end])
    offsets = None if runs == [(0, plain_begin, 1)] else Offsets(tuple(runs))
    return "".join(pieces), offsets


def _unescaped(escape: str) -> str:
    """The code point that an escape stands for; nothing for a line-ending backslash."""
    if escape == "\r\n":
        return "\n"
    if escape[1] in "xuU":
        return chr(int(escape[2:], 16))
    return _SHORT_ESCAPES.get(escape[1], "")
