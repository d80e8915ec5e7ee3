"""`split`: which rows are learned from, and which are kept to judge by."""

from typing import Annotated, Any, Literal

from ..fields import STRINGS
from ..kinds import Choice, Integer, JsonSchema, Kind, Optional, Reader, Real
from ..model import Section

Kinds = Literal["random", "stratified", "time", "groups", "values", "files"]


class PartOf(Kind):
    """A share of the rows, a file of them, or the texts in a column that mark them."""

    expects = 'a share above 0 and below 1, a file, or with by = "column" what marks its rows'

    def read(self, value: object) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, list | tuple) and value and all(isinstance(v, str) for v in value):
            return tuple(value)
        try:
            return Real(above=0.0, below=1.0).read(value)
        except ValueError:
            raise self.refused(value) from None

    def json_schema(self) -> JsonSchema:
        share = Real(above=0.0, below=1.0).json_schema()
        return {"anyOf": [share, {"type": "string"}, {**STRINGS, "minItems": 1}]}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be the name of a column")
    return value


OptionalPart = Annotated[Any, Optional(PartOf())]


class Split(Section):
    """The rows that each part gets: shares that add up to 1, files, or values of a column.

    by: how rows are shared out: at random; so that classes are mixed alike (`stratified`); the
        first ones for training (`time`); so that rows of one value of a column stay together.
    column: what `time` goes by, else the order of the rows; what `column` looks at.
    """

    train: OptionalPart = None
    validation: OptionalPart = None
    test: OptionalPart = None
    by: Annotated[str | None, Optional(Choice("random", "stratified", "time", "column"))] = None
    column: Annotated[str | None, Reader(_text, {"type": "string"})] = None
    seed: Annotated[int, Integer(0, 2**63 - 1)] = 0

    def model_post_init(self, context: object) -> None:
        parts = self.parts()
        if len({isinstance(part, float | int) for part in parts.values()}) > 1:
            raise ValueError("must give shares for all parts, or for none")
        if self.column is not None and self.by not in ("time", "column"):
            raise ValueError('has a column, which is for by = "time" and by = "column"')
        if self.by == "column" and self.column is None:
            raise ValueError('by = "column" needs column = "…"')
        if not parts:
            return
        if "train" not in parts:
            raise ValueError("needs train")
        if isinstance(self.train, float | int):
            self._check_shares(parts)
        else:
            self._check_texts(parts)

    def _check_shares(self, parts: dict[str, Any]) -> None:
        total = sum(parts.values())
        if abs(total - 1.0) > 1e-9:
            shares = ", ".join(f"{name} {share:g}" for name, share in parts.items())
            raise ValueError(f"must add up to 1, not {total:g}: {shares}")

    def _check_texts(self, parts: dict[str, Any]) -> None:
        if self.by not in (None, "column"):
            raise ValueError(f'by = "{self.by}" needs shares')
        if self.by is None and any(isinstance(part, tuple) for part in parts.values()):
            raise ValueError("takes one file for each part")
        lists = [(part,) if isinstance(part, str) else part for part in parts.values()]
        values = [value for part in lists for value in part]
        if len(set(values)) < len(values):
            raise ValueError("gives the same to two parts")

    @property
    def kind(self) -> Kinds:
        """How rows are told apart."""
        if isinstance(self.train, str | tuple):
            return "values" if self.by == "column" else "files"
        if self.by == "column":
            return "groups"
        return self.by or "random"  # type: ignore[return-value]

    def parts(self) -> dict[str, Any]:
        """What says which rows each part has, of those that there are."""
        said = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in said.items() if part is not None}
