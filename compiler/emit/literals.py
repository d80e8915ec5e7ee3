"""Text that is safe in Python source: identifiers, literals, comments and docstrings.

What is printable is fixed here, by ranges of code points, because Python's own answer depends on
the Unicode version that it was built with, and the output must not.
"""

from __future__ import annotations

import keyword
import math
import re
from itertools import takewhile
from types import EllipsisType

# CPython reads no longer integer from source text by default.
_INTEGER_DIGITS = 4300
# Shown as they are in string literals: ASCII, Latin, Greek and Cyrillic letters, one column each,
# and then kana, Chinese characters and Hangul, two columns each. All others are escaped.
_NARROW = ((0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x24F), (0x391, 0x3C9), (0x400, 0x45F))
_WIDE = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3))
# Never shown, not even in comments: controls, invisible and bidirectional marks, surrogates,
# private use and non-characters.
_INVISIBLE = re.compile(
    "[\0-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000"
    "\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U0010ffff]"
)
# What tools, or Python itself (an encoding), would obey in a comment.
_DIRECTIVE = re.compile(r"(coding|^(?:type|fmt|yapf|isort|ruff|mypy|pyright|pylint|pragma))([:=])")


def check_identifier(text: str) -> None:
    """Raise ValueError unless `text` is one ASCII identifier that can be bound."""
    valid = type(text) is str and text.isascii() and text.isidentifier()
    if not valid or keyword.iskeyword(text) or text == "__debug__":
        raise ValueError(f"not an identifier: {text!r}")


def check_dotted(text: str) -> None:
    """Raise ValueError unless `text` is identifiers joined by dots."""
    if type(text) is not str:
        raise ValueError(f"not a name: {text!r}")
    for part in text.split("."):
        check_identifier(part)


def check_literal(value: object) -> None:
    """Raise ValueError unless `value` can be written as a literal that Python reads back."""
    if type(value) not in (int, float, bool, str, EllipsisType, type(None)):
        raise ValueError(f"not a literal: a {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"not a literal: {value}")
    if isinstance(value, int) and abs(value) >= 10**_INTEGER_DIGITS:
        raise ValueError(f"not a literal: an integer of over {_INTEGER_DIGITS} digits")


def check_comment(text: str | None) -> None:
    """Raise ValueError if `text` would not stay on the line of its `#`."""
    if text is not None and (type(text) is not str or text.splitlines() not in ([], [text])):
        raise ValueError(f"not a comment of one line: {text!r}")


def check_docstring(text: str | None) -> None:
    """Raise ValueError for a docstring without any text."""
    if text is not None and (type(text) is not str or not text.strip()):
        raise ValueError(f"not a docstring: {text!r}")


def display_width(text: str) -> int:
    """Columns that `text` takes; exact for what string literals show, else an upper bound."""
    if text.isascii():
        return len(text)
    return sum(1 if _within(ord(character), _NARROW) else 2 for character in text)


def literal(value: int | float | bool | str | EllipsisType | None) -> str:
    """The source text of a value that passed `check_literal`."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return re.sub(r"e([+-]?)0*", lambda sign: "e" + sign[1].strip("+"), repr(value))
    return "..." if value is ... else repr(value)


def comment_lines(text: str, width: int) -> list[str]:
    """`text` as comments of at most `width` columns, as far as its words allow."""
    lines: list[str] = []
    words: list[str] = []
    for word in _INVISIBLE.sub(_escape, text.strip(" ")).split(" "):
        if words and display_width(_comment([*words, word])) > width:
            lines.append(_comment(words))
            words = []
        words.append(word)
    return [*lines, _comment(words)]


def docstring_lines(text: str) -> list[str]:
    """The lines of a docstring with its quotes, to be indented as they are.

    Blank lines around the text and the margin of its further lines go; what is not printable is
    escaped.
    """
    lines = [_docstring_line(line) for line in text.split("\n")]
    lines = _without_leading_blanks(_without_leading_blanks(lines)[::-1])[::-1]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line), default=0)
    lines = [lines[0].lstrip(" "), *(line[margin:] for line in lines[1:])]
    if lines[0].startswith('"'):
        lines[0] = "\\" + lines[0]
    if len(lines) > 1:
        return [f'"""{lines[0]}', *lines[1:], '"""']
    # A quote at the end would join the closing ones; an escaped one does not.
    body = re.sub(r'(?<!\\)((?:\\\\)*)"$', r"\1\"", lines[0])
    return [f'"""{body}"""']


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _without_leading_blanks(lines: list[str]) -> list[str]:
    blanks = len(list(takewhile(lambda line: not line, lines)))
    return lines[blanks:]


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def _comment(words: list[str]) -> str:
    return ("# " + _DIRECTIVE.sub(r"\1 \2", " ".join(words))).rstrip(" ")


def _string(value: str) -> str:
    shown = "".join(map(_string_character, value))
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + shown.replace(quote, "\\" + quote) + quote


def _string_character(character: str) -> str:
    code = ord(character)
    if character != "\\" and (_within(code, _NARROW) or _within(code, _WIDE)):
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _docstring_line(line: str) -> str:
    shown = _INVISIBLE.sub(_escape, line.replace("\\", "\\\\"))
    return shown.replace('"""', '\\"\\"\\"').rstrip(" ")
