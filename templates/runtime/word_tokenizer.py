"""Tokens of a text: its words and marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor

WORD = re.compile(r"\w+|[^\w\s]")
"""A word, or a mark that is no space."""


@dataclass(frozen=True)
class WordTokenizer:
    """Words by their numbers, from 1; 0 stands for those that are unknown.

    Attributes:
        words: those that are known, in order
    """

    words: list[str]

    @classmethod
    def fit(cls, text: str) -> WordTokenizer:
        """Return the tokenizer for the words of a text."""
        return cls(sorted(set(WORD.findall(text))))

    def encode(self, text: str) -> Tensor:
        """Return the tokens of a text: (tokens,) int64."""
        numbers = {word: number for number, word in enumerate(self.words, start=1)}
        found = [numbers.get(word, 0) for word in WORD.findall(text)]
        return torch.tensor(found, dtype=torch.int64)

    def decode(self, tokens: Tensor) -> str:
        """Return the words of tokens, (tokens,), with � for unknown ones."""
        known = ["\N{REPLACEMENT CHARACTER}", *self.words]
        return " ".join(known[token] for token in tokens.tolist())
