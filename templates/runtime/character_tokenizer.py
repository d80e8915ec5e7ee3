"""Tokens of a text: its characters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class CharacterTokenizer:
    """Characters by their numbers, from 1; 0 stands for those that are unknown.

    Attributes:
        characters: those that are known, in order
    """

    characters: str

    @classmethod
    def fit(cls, text: str) -> CharacterTokenizer:
        """Return the tokenizer for the characters of a text."""
        return cls("".join(sorted(set(text))))

    def encode(self, text: str) -> Tensor:
        """Return the tokens of a text: (tokens,) int64."""
        numbers = {one: number for number, one in enumerate(self.characters, start=1)}
        return torch.tensor([numbers.get(one, 0) for one in text], dtype=torch.int64)

    def decode(self, tokens: Tensor) -> str:
        """Return the text of tokens, (tokens,), with � for unknown characters."""
        known = "\N{REPLACEMENT CHARACTER}" + self.characters
        return "".join(known[token] for token in tokens.tolist())
