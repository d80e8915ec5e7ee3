"""Tokens of a text: its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class ByteTokenizer:
    """The 256 bytes, each its own number."""

    @classmethod
    def fit(cls, text: bytes) -> ByteTokenizer:
        """Return the tokenizer, which is the same for all texts."""
        return cls()

    def encode(self, text: bytes) -> Tensor:
        """Return the tokens of a text: (tokens,) int64."""
        return torch.frombuffer(bytearray(text), dtype=torch.uint8).long()

    def decode(self, tokens: Tensor) -> bytes:
        """Return the text of tokens: (tokens,)."""
        return bytes(tokens.tolist())
