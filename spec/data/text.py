"""Sources of text: windows of tokens, each with the tokens that follow."""

from typing import Annotated, ClassVar, Final, Literal

from ..kinds import JsonSchema, Kind
from .base import Form, RelativePath, Source

_OURS: Final = ("bytes", "characters", "words")


class TokenizerName(Kind):
    """How a text becomes numbers: one of ours, or a file of the library tokenizers."""

    expects = '"bytes", "characters", "words", or the path of a tokenizer that ends in .json'

    def read(self, value: object) -> str:
        if value in _OURS:
            return str(value)
        if not str(value).endswith(".json"):
            raise self.refused(value)
        return RelativePath().read(value)

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [{"enum": [*_OURS]}, {"type": "string", "pattern": r"\.json$"}]}


class Text(Source):
    """A text file: the model sees windows of its tokens; the target is the token after each.

    `tokenizer`: "bytes" (256 tokens); "characters" or "words" of the training part, numbered
    from 1, where 0 is for unknown ones; or a file of the library tokenizers, ending in .json.
    `window` says how many tokens a window has, and how far apart windows begin.
    """

    path: Annotated[str, RelativePath()]
    tokenizer: Annotated[str, TokenizerName()]

    form: ClassVar[Form] = "text"
    place: ClassVar[Literal["path", "url"] | None] = "path"

    @property
    def tokenizer_path(self) -> str | None:
        return self.tokenizer if self.tokenizer.endswith(".json") else None

    @property
    def module(self) -> str:
        """The module of the runtime that makes numbers of texts; its class is called alike."""
        kind = "file" if self.tokenizer_path else self.tokenizer.removesuffix("s")
        return f"{kind}_tokenizer"

    @property
    def held(self) -> str:  # type: ignore[override]
        """The type that holds the text until it is numbers."""
        return "bytes" if self.tokenizer == "bytes" else "str"
