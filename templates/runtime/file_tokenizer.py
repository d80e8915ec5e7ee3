"""Tokens of a text, by a tokenizer of the library tokenizers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .library import needed
from .text_file import TextError


@dataclass(frozen=True)
class FileTokenizer:
    """A tokenizer that was read from a file.

    Attributes:
        content: of the file, JSON
    """

    content: str

    def __post_init__(self) -> None:
        tokenizers = needed("tokenizers", "text")
        try:
            tokenizer = tokenizers.Tokenizer.from_str(self.content)
        except Exception as error:  # the library raises no narrower one
            raise TextError(f"this is no tokenizer: {error}") from error
        object.__setattr__(self, "tokenizer", tokenizer)

    @classmethod
    def read(cls, path: str | Path) -> FileTokenizer:
        """Return the tokenizer of a file.

        Raises:
            LibraryError: tokenizers is not installed.
            TextError: the file holds no tokenizer.
        """
        try:
            return cls(Path(path).read_text("utf-8"))
        except (UnicodeDecodeError, TextError) as error:
            raise TextError(f"{path}: {error}") from error

    def encode(self, text: str) -> Tensor:
        """Return the tokens of a text: (tokens,) int64."""
        tokenizer = vars(self)["tokenizer"]
        return torch.tensor(tokenizer.encode(text).ids, dtype=torch.int64)

    def decode(self, tokens: Tensor) -> str:
        """Return the text of tokens: (tokens,)."""
        text: str = vars(self)["tokenizer"].decode(tokens.tolist())
        return text
