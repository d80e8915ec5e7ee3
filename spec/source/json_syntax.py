"""What is wrong with a text that is not JSON, in words that teach."""

from __future__ import annotations

import re

from ..diagnostic import Diagnostic, Label, Span
from .document import Path, path_text
from .json_scan import Scan
from .prescan import json_tokens, open_brackets
from .slip import Slip, shortened

_LITERALS = {"true": "true", "false": "false"}
_NULLS = ("none", "nil", "undefined")
_NON_FINITE = ("nan", "inf", "infinity")
_LOOKS_LIKE_TOML = re.compile(r"\s*+(?:#.*+\s*+)*+(?:\[[A-Za-z]|[A-Za-z_][A-Za-z0-9_.]*\s*=)")


def explain(text: str, file: str, message: str, position: int) -> Diagnostic:
    """The problem that the json module's `message` at `position` stands for."""
    slip = Slip(text, file, position)
    if _LOOKS_LIKE_TOML.match(text):
        advice = "a spec in TOML has a name that ends in .toml"
        return slip.found("this looks like TOML, expected JSON", advice=advice)
    if not text.strip():
        return slip.found("the file is empty, expected a JSON object")
    if message.startswith(("Unterminated", "Invalid control")):
        return _unclosed_string(slip)
    if message.startswith("Invalid \\"):
        return _bad_escape(slip)
    if message.startswith("Extra data"):
        return slip.expected("the end of the file after the object")
    if not slip.character:
        return _never_closed(slip)
    return _trailing_comma(slip) or _odd_text(slip) or _odd_word(slip) or _missing(slip, message)


def scan_problems(scan: Scan, *, is_object: bool) -> list[Diagnostic]:
    """What the json module accepts and the language doesn't."""
    problems = [_duplicate(*duplicate) for duplicate in scan.duplicates]
    constants = (Slip(scan.text, scan.file, span.start) for span in scan.constants)
    problems += map(_non_finite, constants)
    if not is_object:
        message = "a spec is an object of keys and values; expected `{`"
        problems.append(Diagnostic("not-a-table", message, scan.places[()].value))
    return problems


def _duplicate(path: Path, first: Span, second: Span) -> Diagnostic:
    name = path_text(path)
    message = f"`{name}` is given twice; expected it once"
    return Diagnostic("duplicate-key", message, second, name, (Label(first, "first given here"),))


def _trailing_comma(slip: Slip) -> Diagnostic | None:
    """A comma before a closing bracket; newer Pythons name the comma, older ones the bracket."""
    comma = slip.at if slip.character == "," else len(slip.text[: slip.at].rstrip()) - 1
    following = slip.text[comma + 1 :].lstrip()[:1]
    if comma < 0 or slip.text[comma] != "," or following not in ("]", "}"):
        return None
    message = f"found `,` before `{following}`; JSON has no comma after the last item"
    return slip.found(message, span=slip.span(comma, comma + 1), replacement="")


def _odd_text(slip: Slip) -> Diagnostic | None:
    rest = slip.rest_of_line
    if rest.startswith(("//", "/*", "#")):
        return slip.found("JSON has no comments", advice="a spec in TOML may have comments")
    if slip.character == "'":
        string = re.match(r"'([^'\"\\\n]*)'", rest)
        span = slip.span(slip.at, slip.at + (string.end() if string else 1))
        replacement = f'"{string[1]}"' if string else None
        message = "found `'`; JSON's strings are written in double quotes"
        return slip.found(message, span=span, replacement=replacement)
    if slip.character == "(":
        return slip.found("found `(`, expected a value", advice="lists are written [1, 2]")
    return None


def _odd_word(slip: Slip) -> Diagnostic | None:
    word = slip.word
    lower = word.lower().lstrip("+-")
    if lower in _LITERALS:
        message = f"found `{word}`, expected `{_LITERALS[lower]}`"
        return slip.found(message, replacement=_LITERALS[lower])
    if lower in _NULLS:
        advice = "to leave a value out, leave its key out"
        return slip.found(f"`{word}` is not a value of the language", code="null", advice=advice)
    if lower in _NON_FINITE:
        return _non_finite(slip)
    if re.match(r"[+-]?\.[0-9]", word):
        replacement = word.lstrip("+").replace(".", "0.", 1)
        message = f"found `{shortened(word)}`, expected a digit before the point"
        return slip.found(message, replacement=replacement)
    if word.startswith("+"):
        message = f"found `{shortened(word)}`; JSON's numbers have no plus sign"
        return slip.found(message, replacement=word[1:])
    return _number_tail(slip)


def _number_tail(slip: Slip) -> Diagnostic | None:
    """Something that stands right after a number, as in `01`, `5.` and `0x1F`."""
    start = len(slip.text[: slip.at].rstrip("0123456789.+-"))
    if not slip.word or start == slip.at:
        return None
    number = slip.text[start : slip.at] + slip.word
    message = f"`{shortened(number)}` is not a number of JSON"
    advice = "numbers are decimal, without leading zeros, and with digits after the point"
    span = slip.span(start, slip.at + len(slip.word))
    return slip.found(message, span=span, advice=advice)


def _non_finite(slip: Slip) -> Diagnostic:
    """The problem of a number that JSON doesn't have."""
    return slip.found(f"`{slip.word}` is not a number of JSON", advice="in TOML it may be written")


def _missing(slip: Slip, message: str) -> Diagnostic:
    word = slip.word
    if message.startswith("Expecting property name"):
        if word:
            replacement = f'"{word}"'
            return slip.found(f"the key {slip.seen} needs quotes", replacement=replacement)
        return slip.expected("a key in double quotes")
    if message.startswith("Expecting ':'"):
        if slip.character == "=":
            return slip.found("found `=` after a key, expected `:`", replacement=":")
        return slip.expected("`:` and a value after the key")
    if message.startswith("Expecting ','"):
        return _missing_comma(slip)
    if word:
        advice = "strings and expressions are written in double quotes"
        return slip.found(f"{slip.seen} is not a value of JSON", advice=advice)
    return slip.expected("a value")


def _missing_comma(slip: Slip) -> Diagnostic:
    openings = open_brackets(json_tokens(slip.text, slip.at))
    previous = len(slip.text[: slip.at].rstrip())
    if slip.character in "]}":
        return slip.mismatch(openings, previous)
    return slip.missing_comma(openings[-1], previous)


def _never_closed(slip: Slip) -> Diagnostic:
    openings = open_brackets(json_tokens(slip.text))
    return slip.never_closed(openings[-1]) if openings else slip.expected("a value")


def _unclosed_string(slip: Slip) -> Diagnostic:
    start = slip.at
    for token in json_tokens(slip.text):
        if token.start() <= slip.at < token.end():
            start = token.start()
    span = slip.to_line_end(start)
    message = 'this string is not closed on its line; expected "'
    if slip.character == "\t":
        return slip.found(r"a tab within a string is written \t", replacement=r"\t")
    return slip.found(message, span=span, advice=r"a line break within a string is written \n")


def _bad_escape(slip: Slip) -> Diagnostic:
    backslash = slip.text.rfind("\\", 0, slip.at + 1)
    escape = slip.text[backslash : backslash + 2]
    span = slip.span(backslash, backslash + len(escape))
    if escape == "\\u":
        message = "expected 4 hexadecimal digits of a character after this"
        return slip.found(message, span=span, advice=r"a backslash itself is written \\")
    message = f"`{escape.strip()}` is not an escape of JSON; a backslash is written `\\\\`"
    return slip.found(message, span=span, replacement="\\" + escape)
