"""What is wrong with a text that is not TOML, in words that teach."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..diagnostic import Diagnostic, Label, Span
from .document import path_text
from .prescan import open_brackets, toml_tokens
from .slip import Slip, shortened
from .toml_scan import Scan

_STATEMENT = re.compile(
    r"[ \t]*+(?:\[{1,2}[ \t]*+(?![0-9.-]*+\])[A-Za-z0-9_.-]++[ \t]*+\]"
    r"|[A-Za-z0-9_\"'.-]++[ \t]*+=(?!=))"
)
_LEAVE_OUT = "to leave a value out, leave its key out"
_KEY_QUOTES = "a key of other characters than A-Z, a-z, 0-9, _ and - is written in quotes"
_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_LITERALS = {"true": "true", "false": "false", "nan": "nan", "inf": "inf", "infinity": "inf"}
_NULLS = ("none", "null", "nil", "undefined")
_TYPOGRAPHIC_QUOTES = ("\u201c", "\u201d", "\u2018", "\u2019", "\xab")
_OPERATORS = "+-*/%@&|<>!^?("
_LONG_NUMBER = re.compile(r"[0-9][0-9_]+")


def explain(text: str, file: str, message: str, position: int) -> Diagnostic:
    """The problem that tomli's `message` at `position` stands for.

    position: an offset in the text as tomli sees it, with CR LF read as LF.
    """
    slip = Slip(text, file, _source_offset(text, position))
    for beginning, rule in _RULES.items():
        if message.startswith(beginning):
            return rule(slip)
    return slip.found(f"this is not TOML: {message[:1].lower()}{message[1:]}")


def huge_integer(text: str, file: str) -> Diagnostic:
    """The problem of an integer with so many digits that Python doesn't read it."""
    longest = max(_LONG_NUMBER.finditer(text), key=lambda found: len(found.group()))
    span = Span(file, longest.start(), longest.end())
    message = "this integer does not fit into 64 bits (-2**63 to 2**63 - 1)"
    return Diagnostic("huge-integer", message, span)


def _source_offset(text: str, position: int) -> int:
    offset = position
    newline = text.find("\r\n")
    while 0 <= newline < offset:
        offset += 1
        newline = text.find("\r\n", newline + 2)
    return offset


def _duplicate(slip: Slip) -> Diagnostic:
    scan = Scan(slip.text[: slip.at], slip.file)
    scan.run()
    if scan.last_key is None:
        return slip.found("this key was given before", code="duplicate-key")
    path, key, start = scan.last_key
    for length in range(len(path), 0, -1):
        place = scan.places.get(path[:length])
        first = (place.key or place.value) if place else None
        if first is None or first.start >= start:
            continue
        name = path_text(path[:length])
        if length == len(path):
            message = f"`{name}` is given twice; expected it once"
            label = Label(first, "first given here")
        else:
            message = f"`{name}` is complete already, so nothing can be added to it"
            label = Label(first, "completed here")
        return slip.found(message, span=key, code="duplicate-key", label=label)
    return slip.found("this key was given before", span=key, code="duplicate-key")


def _no_equals(slip: Slip) -> Diagnostic:
    if slip.character == ":":
        message = "found `:` after a key, expected `=`"
        replacement = "=" if slip.text[slip.at - 1] == " " else " ="
        return slip.found(message, advice="TOML writes key = value", replacement=replacement)
    if slip.word and slip.text[slip.at - 1] not in " \t\"'":
        return _key_without_quotes(slip, len(slip.text[: slip.at].rstrip(_BARE)))
    advice = _KEY_QUOTES
    if slip.character in ("", "\r", "\n", "#", ",", "}"):
        advice = "TOML writes key = value"
    return slip.expected("`=` and a value after the key", advice=advice)


def _key_without_quotes(slip: Slip, start: int) -> Diagnostic:
    span = slip.span(start, slip.at + len(slip.word))
    key = slip.text[span.start : span.end]
    message = f"the key `{shortened(key)}` needs quotes"
    return slip.found(message, span=span, advice=_KEY_QUOTES, replacement=f'"{key}"')


def _no_value(slip: Slip) -> Diagnostic:
    word = slip.word
    lower = word.lower().lstrip("+-")
    if lower in _LITERALS:
        literal = _LITERALS[lower]
        sign = word[: len(word) - len(lower)]
        message = f"found `{word}`, expected `{sign}{literal}`"
        return slip.found(message, replacement=sign + literal)
    if lower in _NULLS:
        message = f"`{word}` is not a value of the language"
        return slip.found(message, code="null", advice=_LEAVE_OUT)
    if re.match(r"[+-]?\.[0-9]", word):
        message = f"found `{shortened(word)}`, expected a digit before the point"
        return slip.found(message, replacement=word.replace(".", "0.", 1))
    if slip.character == "=":
        return slip.found("found a second `=`, expected a value", replacement="")
    if slip.character == "(":
        return slip.found("found `(`, expected a value", advice="lists are written [1, 2]")
    if slip.character in ("", "\r", "\n", "#", ",", "]", "}", ":"):
        at_end = slip.character in ("", "\r", "\n", "#")
        return slip.expected("a value", advice=_LEAVE_OUT if at_end else None)
    return _never_closed(slip) or _missing_quotes(slip, slip.at)


def _missing_quotes(slip: Slip, start: int) -> Diagnostic:
    end = _value_end(slip.text, start)
    text = slip.text[start:end]
    span = slip.span(start, end)
    if text.startswith(_TYPOGRAPHIC_QUOTES):
        advice = "strings are written in straight quotes"
        return slip.found(f"found the quote `{text[0]}`", span=slip.span(start), advice=advice)
    if slip.text[end:].lstrip(" \t").startswith("="):
        message = f"found the key `{shortened(text)}`, expected a value"
        return slip.found(message, span=span, advice='tables are written { key = "value" }')
    quotable = '"' not in text and "\\" not in text
    seen = f"`{shortened(text)}` is not a value of TOML"
    return slip.found(
        f"{seen}; strings and expressions are written in quotes",
        span=span,
        advice=None if quotable else "text that holds double quotes may stand in single quotes",
        replacement=f'"{text}"' if quotable else None,
    )


def _value_end(text: str, start: int) -> int:
    """The end of an unquoted text: at a comma or bracket where one is open, else of the line."""
    inside = bool(open_brackets(toml_tokens(text, start)))
    depth = 0
    end = start
    while end < len(text) and text[end] not in "\r\n#":
        if text[end] in "([":
            depth += 1
        elif depth and text[end] in ")]":
            depth -= 1
        elif inside and not depth and text[end] in ",]}=":
            break
        end += 1
    return start + len(text[start:end].rstrip())


def _text_after_value(slip: Slip) -> Diagnostic:
    line_start = slip.text.rfind("\n", 0, slip.at) + 1
    before = slip.text[line_start : slip.at]
    unquoted = re.match(r"[^=#\"'\[{]*=[ \t]*(?=[A-Za-z0-9.+-])", before)
    if slip.character == ",":
        message = "found `,` after a value, expected the end of the line"
        is_last = re.fullmatch(r",[ \t]*(#.*)?", slip.rest_of_line) is not None
        advice = "each key has a line of its own"
        return slip.found(message, advice=advice, replacement="" if is_last else None)
    if slip.character in "]}":
        return slip.found(f"found `{slip.character}`, but nothing is open that it closes")
    if unquoted and not _STATEMENT.match(slip.rest_of_line):
        return _odd_number(slip, line_start + unquoted.end())
    if before.rstrip().endswith(('"', "'")) and not _STATEMENT.match(slip.rest_of_line):
        advice = r'within "…" a quote is written \"'
        return slip.expected("the end of the line after a string", advice=advice)
    advice = "each key has a line of its own"
    return slip.expected("the end of the line", advice=advice)


def _odd_number(slip: Slip, start: int) -> Diagnostic:
    end = _value_end(slip.text, start)
    text = slip.text[start:end]
    span = slip.span(start, end)
    if re.fullmatch(r"[+-]?0[0-9_]+", text):
        message = "an integer doesn't begin with 0; octal is written 0o17"
        plain = re.sub(r"0+(?=[0-9])", "", text, count=1)
        return slip.found(message, span=span, advice=f"write {plain} for the decimal number")
    if re.fullmatch(r"[+-]?[0-9_]+\.", text):
        message = f"found `{shortened(text)}`, expected a digit after the point"
        return slip.found(message, span=span, replacement=text + "0")
    return _missing_quotes(slip, start)


def _unclosed(slip: Slip) -> Diagnostic:
    """Something else than a comma or the closing bracket stands after an item."""
    openings = open_brackets(toml_tokens(slip.text, slip.at))
    if not openings:
        return slip.expected("`,` or a closing bracket")
    if never_closed := _never_closed(slip):
        return never_closed
    previous = _content_end(slip.text, slip.at)
    if slip.character in "]}":
        return slip.mismatch(openings, previous)
    if previous == slip.at and slip.word:
        return _odd_number(slip, _item_start(slip.text, slip.at))
    if slip.character in _OPERATORS:
        return _missing_quotes(slip, _item_start(slip.text, slip.at))
    return slip.missing_comma(openings[-1], previous)


def _never_closed(slip: Slip) -> Diagnostic | None:
    """A bracket that is still open where the next statement or the end of the file is reached."""
    closed_nowhere = open_brackets(toml_tokens(slip.text))
    line_start = slip.text.rfind("\n", 0, slip.at) + 1
    before_line = open_brackets(toml_tokens(slip.text, line_start if slip.character else None))
    openings = [opening for opening in before_line if opening in closed_nowhere]
    at_statement = slip.character in "[{" or _STATEMENT.match(slip.text, line_start)
    if not openings or not at_statement:
        return None
    return slip.never_closed(openings[-1])


def _item_start(text: str, at: int) -> int:
    """The start of the item of a list or table that reaches to `at`."""
    start = max(text.rfind(character, 0, at) for character in ",[={\n") + 1
    return start + len(text[start:at]) - len(text[start:at].lstrip())


def _content_end(text: str, at: int) -> int:
    """The end of what stands before `at` that is neither blank nor a comment."""
    comments = [token.span() for token in toml_tokens(text, at) if text[token.start()] == "#"]
    end = at
    for start, comment_end in reversed(comments):
        if text[comment_end:end].strip():
            break
        end = start
    return len(text[:end].rstrip())


def _unclosed_string(slip: Slip) -> Diagnostic:
    strings = [t for t in toml_tokens(slip.text, slip.at) if slip.text[t.start()] in "\"'"]
    start = strings[-1].start() if strings else slip.at
    token = strings[-1].group() if strings else ""
    span = slip.to_line_end(start)
    if token.startswith(('"""', "'''")):
        return slip.found(f"this string is never closed; expected {token[:3]}", span=span)
    message = f"this string is not closed on its line; expected {token[:1]}"
    return slip.found(message, span=span, advice='a text of several lines is written """…"""')


def _bad_escape(slip: Slip) -> Diagnostic:
    backslash = slip.text.rfind("\\", 0, slip.at)
    if slip.text[backslash + 1 : backslash + 2] in ("", "\r", "\n"):
        return _unclosed_string(Slip(slip.text, slip.file, backslash))
    escape = slip.text[backslash : backslash + 2]
    span = slip.span(backslash, backslash + 2)
    message = f"`{escape}` is not an escape of a double-quoted string"
    advice = r"a backslash is written \\ there, and as it is in single quotes: 'C:\data'"
    return slip.found(message, span=span, advice=advice, replacement="\\" + escape)


def _bad_hexadecimal(slip: Slip) -> Diagnostic:
    backslash = slip.text.rfind("\\", 0, slip.at)
    digits = {"x": 2, "u": 4, "U": 8}[slip.text[backslash + 1]]
    message = f"expected {digits} hexadecimal digits of a character after this"
    advice = r"a backslash itself is written \\, and as it is in single quotes"
    return slip.found(message, span=slip.span(backslash, backslash + 2), advice=advice)


def _bad_statement(slip: Slip) -> Diagnostic:
    if slip.character == "{" and not slip.text[: slip.at].strip():
        advice = "a spec in JSON has a name that ends in .json"
        return slip.found("found `{`: this looks like JSON, expected TOML", advice=advice)
    if mark := re.match(r"//+|/\*|;+|--+|%+", slip.rest_of_line):
        span = slip.span(slip.at, slip.at + mark.end())
        replacement = "#" if mark[0] != "/*" else None
        return slip.found("a comment begins with `#`", span=span, replacement=replacement)
    if slip.character in "]}":
        return slip.found(f"found `{slip.character}`, but nothing is open that it closes")
    if slip.character == "=":
        return slip.found("there is no key before this `=`")
    if slip.character.isalpha():
        return _key_without_quotes(slip, slip.at)
    return slip.expected("a key, a [table] or a comment")


def _bad_key(slip: Slip) -> Diagnostic:
    openings = open_brackets(toml_tokens(slip.text, slip.at))
    brackets = slip.text[openings[-1]] + slip.character if openings else ""
    if brackets in ("{[", "{{", "{]", "[}"):
        return _unclosed(slip)
    return slip.expected("a key", advice="a key is a name such as lr, or any text in quotes")


def _bad_header(slip: Slip) -> Diagnostic:
    advice = "a table is headed [name] or [outer.name], an item of a list of tables [[name]]"
    return slip.expected("the end of the table's header", advice=advice)


def _bad_date(slip: Slip) -> Diagnostic:
    message = "this looks like a date, but there is no such day or time"
    return slip.found(message, code="date", advice="in quotes it is a string")


_RULES: dict[str, Callable[[Slip], Diagnostic]] = {
    "Cannot": _duplicate,
    "Duplicate": _duplicate,
    "Expected '=' after": _no_equals,
    "Invalid value": _no_value,
    "Expected newline": _text_after_value,
    "Unclosed": _unclosed,
    "Unterminated string": _unclosed_string,
    "Illegal character": _unclosed_string,
    "Found invalid character": _unclosed_string,
    "Expected \"'": _unclosed_string,
    "Unescaped": _bad_escape,
    "Invalid hex": _bad_hexadecimal,
    "Escaped character": _bad_hexadecimal,
    "Invalid statement": _bad_statement,
    "Invalid initial": _bad_key,
    "Expected ']": _bad_header,
    "Invalid date": _bad_date,
}
