"""What must hold of a text before a parser may see it.

Hostile nesting never meets a parser's recursion, and no character reaches the language that an
editor doesn't show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..diagnostic import Diagnostic, Fix, Span, SpecError
from .plain import MAX_DEPTH

# Strings and comments hide brackets. A string that is never closed reaches to the end of its line,
# a multi-line one to the end of the text.
_TOML_TOKEN = re.compile(
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"{3,5})?'
    r"|'''(?:[^']++|'{1,2}(?!'))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|[\[\]{}.=,\n]",
    re.DOTALL,
)
_JSON_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}

_TOML_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]|\r(?!\n)")
_JSON_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def check_toml_text(text: str, file: str) -> None:
    """Raise `SpecError` for a text that must not meet the TOML parser."""
    _check_characters(text, file, _TOML_CONTROL)
    _check_depth(text, file, toml_tokens(text))


def check_json_text(text: str, file: str) -> None:
    """Raise `SpecError` for a text that must not meet the JSON parser."""
    _check_characters(text, file, _JSON_CONTROL)
    _check_depth(text, file, _JSON_TOKEN.finditer(text))


def toml_tokens(text: str, end: int | None = None) -> Iterator[re.Match[str]]:
    """The strings, comments, brackets and separators of a TOML text, or of its head."""
    return _TOML_TOKEN.finditer(text, 0, len(text) if end is None else end)


def json_tokens(text: str, end: int | None = None) -> Iterator[re.Match[str]]:
    """The strings and brackets of a JSON text, or of its head."""
    return _JSON_TOKEN.finditer(text, 0, len(text) if end is None else end)


def open_brackets(tokens: Iterator[re.Match[str]]) -> list[int]:
    """The offsets of the brackets that the tokens leave open, the innermost last."""
    stack: list[re.Match[str]] = []
    for token in tokens:
        if token.group() in _CLOSING:
            stack.append(token)
        elif stack and token.group() == _CLOSING[stack[-1].group()]:
            stack.pop()
    return [token.start() for token in stack]


def _check_depth(text: str, file: str, tokens: Iterator[re.Match[str]]) -> None:
    depth = dots = 0
    for token in tokens:
        character = text[token.start()]
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth = max(0, depth - 1)
        elif character == ".":
            dots += 1
        elif character in "=,\n":
            dots = 0
        if max(depth, dots) > MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} deep"
            span = Span(file, token.start(), token.start() + 1)
            raise SpecError([Diagnostic("too-deep", message, span)])


def _check_characters(text: str, file: str, control: re.Pattern[str]) -> None:
    if text.startswith("\ufeff"):
        span = Span(file, 0, 1)
        message = "the file begins with a byte order mark, U+FEFF; expected plain UTF-8"
        advice = "save the file as UTF-8 without a BOM"
        raise SpecError([Diagnostic("bom", message, span, help=advice, fix=Fix(span, ""))])
    found = control.search(text)
    if found:
        raise SpecError([_control_character(found, file)])


def _control_character(found: re.Match[str], file: str) -> Diagnostic:
    code = ord(found.group())
    span = Span(file, found.start(), found.end())
    if code == 0x0D:
        message = "a carriage return without a line feed; expected lines that end in LF or CR LF"
        return Diagnostic("control-character", message, span)
    if code >= 0xD800:
        message = f"U+{code:04X} is half of a surrogate pair, which is no character"
        return Diagnostic("lone-surrogate", message, span)
    message = f"the control character U+{code:04X} may stand nowhere in a spec"
    advice = f"remove it; within a double-quoted string it is written \\u{code:04x}"
    return Diagnostic("control-character", message, span, help=advice)
