"""Rows that are drawn afresh for each batch."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from ..kinds import Integer, JsonSchema, Reader
from ..schema import Form, Key
from .base import Source


class Random(Source):
    """Tensors drawn afresh for each batch, by an expression for each input and for the target.

    `rows` are drawn in an epoch, a whole number of batches. The expressions, which are keys of
    `[data]` itself, speak of `batch`, the rows of a batch, and of what is drawn before them.
    """

    count: Annotated[int, Integer(1), Key("rows")]
    drawn: Annotated[Mapping[str, Any], Reader(dict), Form(None)]

    by_input: ClassVar[JsonSchema | None] = {"type": "string"}

    def rows(self) -> int:
        return self.count
