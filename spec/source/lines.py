"""Lines and columns of a source text, counted from 1, in code points."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache


@lru_cache(maxsize=16)
def line_starts(text: str) -> tuple[int, ...]:
    """The offset at which each line of `text` begins."""
    starts = [0]
    newline = text.find("\n")
    while newline >= 0:
        starts.append(newline + 1)
        newline = text.find("\n", newline + 1)
    return tuple(starts)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The line and column of the code point at `offset`; the end of `text` is a place too."""
    starts = line_starts(text)
    line = bisect_right(starts, max(0, min(offset, len(text))))
    return line, max(0, min(offset, len(text))) - starts[line - 1] + 1


def line_text(text: str, line: int) -> str:
    """The given line of `text`, without its end."""
    starts = line_starts(text)
    end = starts[line] - 1 if line < len(starts) else len(text)
    return text[starts[line - 1] : end].removesuffix("\r")
