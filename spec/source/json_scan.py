"""The place of each key and value of a JSON text that the json module has accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..diagnostic import Span
from .document import Offsets, Path, Place

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}]+")
# A pair of surrogates is one code point.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
)


@dataclass(slots=True)
class Scan:
    """The places found in a text, and the keys that are said twice: (path, first, second)."""

    text: str
    file: str
    places: dict[Path, Place] = field(default_factory=dict)
    duplicates: list[tuple[Path, Span, Span]] = field(default_factory=list)
    constants: list[Span] = field(default_factory=list)
    _at: int = 0

    def run(self) -> None:
        self._skip_blank()
        self._value((), None)
        brace = self.places[()].value.start
        self.places[()] = Place(Span(self.file, brace, brace + 1), None)

    def _value(self, path: Path, key: Span | None) -> None:
        start = self._at
        offsets = None
        match self.text[start]:
            case '"':
                offsets = self._string()[1]
            case "[":
                self._array(path)
            case "{":
                self._object(path)
            case _:
                self._take(_SCALAR)
        span = Span(self.file, start, self._at)
        if self.text[start] in "NI" or self.text.startswith("-I", start):
            self.constants.append(span)
        self.places[path] = Place(span, key, offsets)
        self._skip_blank()
        if self._looking_at(","):
            self._at += 1
            self._skip_blank()

    def _array(self, path: Path) -> None:
        self._at += 1
        self._skip_blank()
        index = 0
        while not self._looking_at("]"):
            self._value((*path, index), None)
            index += 1
        self._at += 1

    def _object(self, path: Path) -> None:
        self._at += 1
        self._skip_blank()
        keys: dict[str, Span] = {}
        while not self._looking_at("}"):
            start = self._at
            name, _ = self._string()
            key = Span(self.file, start, self._at)
            if name in keys:
                self.duplicates.append(((*path, name), keys[name], key))
            keys.setdefault(name, key)
            self._skip_blank()
            self._at += 1
            self._skip_blank()
            self._value((*path, name), key)
        self._at += 1

    def _string(self) -> tuple[str, Offsets | None]:
        from json import loads

        start = self._at
        token = self._take(_STRING)
        if "\\" not in token:
            return token[1:-1], None
        runs = [(0, start + 1, 1)]
        decoded, at = 0, start + 1
        for escape in _ESCAPE.finditer(self.text, start + 1, self._at - 1):
            decoded += escape.start() - at
            at = escape.end()
            runs += [(decoded, escape.start(), at - escape.start()), (decoded + 1, at, 1)]
            decoded += 1
        return loads(token), Offsets(tuple(runs))

    def _looking_at(self, expected: str) -> bool:
        return self.text.startswith(expected, self._at)

    def _skip_blank(self) -> None:
        self._at = _BLANK.match(self.text, self._at).end()  # type: ignore[union-attr]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self._at)
        if match is None:
            raise ValueError(f"not JSON at {self._at}")
        self._at = match.end()
        return match.group()
