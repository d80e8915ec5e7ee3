"""Read texts, and part them."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import AnyStr

import torch
from torch import Tensor


class TextError(ValueError):
    """A text that is not what was expected."""


def read_text(path: str | Path) -> str:
    """Return the text of a file. Raises TextError where it is empty, or no UTF-8."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TextError(f"{path}, line {line}: it is not UTF-8: {error}") from error


def read_bytes(path: str | Path) -> bytes:
    """Return the bytes of a file. Raises TextError where there are none."""
    content = Path(path).read_bytes()
    if not content:
        raise TextError(f"{path} is empty")
    return content


def split_text(text: AnyStr, fractions: Sequence[float]) -> list[AnyStr]:
    """Return the parts of a text, one after the other.

    Args:
        fractions: the share of each part, adding up to 1
    """
    ends = [round(len(text) * sum(fractions[:i])) for i in range(len(fractions) + 1)]
    return [text[start:end] for start, end in pairwise(ends)]


def window_starts(tokens: Tensor, length: int, stride: int) -> Tensor:
    """Return where windows of a text begin that have a token behind them: (windows,).

    Raises:
        TextError: the text is too short for one.
    """
    starts = torch.arange(0, max(len(tokens) - length, 0), stride)
    if not len(starts):
        said = f"a window of {length} and the token that follows"
        raise TextError(f"a part of {len(tokens)} tokens is too short for {said}")
    return starts
