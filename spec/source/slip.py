"""A place where a parser gave up, and what is to be seen there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..diagnostic import Diagnostic, Fix, Label, Span

_WORD = re.compile(r"[^\s,\[\]{}()=:#\"']+")
_LONGEST_SEEN = 40
_CLOSING = {"[": "]", "{": "}"}


def shortened(text: str) -> str:
    """The beginning of a text, to be quoted in a message."""
    return text if len(text) <= _LONGEST_SEEN else text[:_LONGEST_SEEN] + "…"


@dataclass(frozen=True, slots=True)
class Slip:
    """The offset `at` of `text`, before which all was well."""

    text: str
    file: str
    at: int

    @property
    def character(self) -> str:
        """The code point there; empty at the end of the text."""
        return self.text[self.at : self.at + 1]

    @property
    def word(self) -> str:
        """The longest run of characters there that are neither blank nor punctuation."""
        match = _WORD.match(self.text, self.at)
        return match.group() if match else ""

    @property
    def rest_of_line(self) -> str:
        """What follows on the line, without its end."""
        span = self.to_line_end(self.at)
        return self.text[span.start : span.end]

    @property
    def seen(self) -> str:
        """The word, character or end that stands there, to be named in a message."""
        if not self.character:
            return "the end of the file"
        if self.character in "\r\n":
            return "the end of the line"
        return f"`{shortened(self.word or self.character)}`"

    def span(self, start: int | None = None, end: int | None = None) -> Span:
        """The range `start:end`; left out, the word or character at the slip."""
        begin = self.at if start is None else start
        if end is None:
            end = self.at + (len(self.word) or int(self.character not in ("", "\r", "\n")))
        return Span(self.file, begin, max(begin, end))

    def to_line_end(self, start: int) -> Span:
        """The range from `start` to the end of its line."""
        end = self.text.find("\n", start)
        line = self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")
        return Span(self.file, start, start + len(line))

    def found(
        self,
        message: str,
        *,
        span: Span | None = None,
        code: str = "syntax",
        advice: str | None = None,
        replacement: str | None = None,
        label: Label | None = None,
    ) -> Diagnostic:
        """The problem at `span` (left out: at the slip), which `replacement` would mend."""
        span = span or self.span()
        fix = None if replacement is None else Fix(span, replacement)
        labels = (label,) if label else ()
        return Diagnostic(code, message, span, labels=labels, help=advice, fix=fix)

    def expected(self, what: str, *, advice: str | None = None) -> Diagnostic:
        """The problem that something else stands there."""
        return self.found(f"expected {what}, found {self.seen}", advice=advice)

    def missing_comma(self, opening: int, previous: int) -> Diagnostic:
        """Within the bracket at `opening`, an item that ends at `previous` is followed by more."""
        closing = _CLOSING[self.text[opening]]
        message = f"expected `,` or `{closing}`, found {self.seen}"
        gap = self.span(previous, previous)
        return self.found(message, span=gap, label=self._opened(opening), replacement=",")

    def mismatch(self, openings: list[int], previous: int) -> Diagnostic:
        """A closing bracket stands here that is not the one of the innermost of `openings`."""
        closings = [_CLOSING[self.text[opening]] for opening in openings]
        message = f"found `{self.character}`, expected `{closings[-1]}`"
        label = self._opened(openings[-1])
        if self.character in closings[:-1]:
            gap = Fix(self.span(previous, previous), closings[-1])
            return Diagnostic("syntax", message, self.span(), labels=(label,), fix=gap)
        return self.found(message, label=label, replacement=closings[-1])

    def never_closed(self, opening: int) -> Diagnostic:
        """The bracket at `opening` is still open where something else begins."""
        bracket = self.text[opening]
        end = "the next statement" if self.character else "the end of the file"
        message = f"this `{bracket}` is never closed; expected `{_CLOSING[bracket]}` before {end}"
        return self.found(message, span=self.span(opening, opening + 1))

    def _opened(self, opening: int) -> Label:
        return Label(self.span(opening, opening + 1), f"`{self.text[opening]}` opened here")
