"""Changes of a text: characters, tokens, lines."""

from __future__ import annotations

import re
from random import Random

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"\n]*\"|\s+|.", re.DOTALL)
_CHARACTERS: tuple[str, ...] = (
    *"\"'[]{}()=,.:#-+\\/\n\t \r\0_aZ09*?",
    *("é", "\u2028", "\u202e", "\ufeff", "\x7f", "\x1b", "🎲", "\\u0000", '"""', "'''", "[["),
    *("1e999", "0x10", "nan", "-inf", "1_000", "1979-05-27", "true", "null", "9" * 5000),
)


def mutated_text(text: str, random: Random, other: str) -> str:
    """A text with one to four changes; some of them from another text."""
    for _ in range(random.choice((1, 1, 2, 4))):
        text = _once(text, random, other)
    return text


def _once(text: str, random: Random, other: str) -> str:
    match random.randrange(6):
        case 0:
            start = random.randint(0, len(text))
            end = start + random.choice((0, 1, 1, 3, 9))
            return text[:start] + random.choice(_CHARACTERS) + text[end:]
        case 1:
            return _lines(text, random, other)
        case 2:
            start = random.randint(0, len(text))
            return text[:start] if random.random() < 0.3 else text[:start] + text[start + 1 :]
    return _tokens(text, random, other)


def _lines(text: str, random: Random, other: str) -> str:
    lines = text.split("\n")
    place = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(random.randint(0, len(lines)), lines[place])
        case 2:
            lines[place] = random.choice(other.split("\n"))
        case _:
            swap = random.randrange(len(lines))
            lines[place], lines[swap] = lines[swap], lines[place]
    return "\n".join(lines)


def _tokens(text: str, random: Random, other: str) -> str:
    tokens: list[str] = _TOKEN.findall(text)
    solid = [place for place, token in enumerate(tokens) if token.strip()]
    if not solid:
        return text
    place = random.choice(solid)
    match random.randrange(5):
        case 0:
            tokens[place] = ""
        case 1:
            tokens[place] *= 2
        case 2:
            swap = random.choice(solid)
            tokens[place], tokens[swap] = tokens[swap], tokens[place]
        case 3:
            others = [token for token in _TOKEN.findall(other) if token.strip()]
            tokens[place] = random.choice(others or ["x"])
        case _:
            tokens[place] = random.choice(_CHARACTERS)
    return "".join(tokens)


def mutated_bytes(text: str, random: Random) -> bytes:
    """A text with bytes that need not be UTF-8."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(random.choice((1, 1, 3, 10))):
        if data:
            data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)
