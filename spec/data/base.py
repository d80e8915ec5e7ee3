"""What every source of rows says of itself. Rows are never looked at before the package runs."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from ..arguments import Arguments
from ..kinds import Integer, JsonSchema, Kind
from ..names import snake_case

Seed = Annotated[int, Integer(0, 2**32 - 1)]
"""What numpy takes for a random_state."""


Form = Literal["tensors", "table", "text"]


class Source(Arguments):
    """Where rows come from: one row an example, with inputs and a target.

    Its class's name in snake_case is the `type` in a spec.
    form: how rows are held until they are prepared: as the tensors that the model takes, or as a
        table, whose columns have names, or as one text.
    place: what leads to the rows, if anything does.
    held: the type that holds the rows in the code until they are prepared.
    streams: whether batches are read while training, unless a spec says otherwise.
    by_input: the JSON Schema of what stands under the names of the model's inputs, where rows are
        given or drawn there.
    """

    form: ClassVar[Form] = "tensors"
    place: ClassVar[Literal["path", "url"] | None] = None
    held: ClassVar[str] = "Data"
    streams: ClassVar[bool] = False
    by_input: ClassVar[JsonSchema | None] = None

    @classmethod
    def type_name(cls) -> str:
        """What a spec calls it."""
        return snake_case(cls.__name__)

    def said_type(self) -> str:
        """The `type` as a spec has it."""
        return self.type_name()

    @property
    def tokenizer_path(self) -> str | None:
        """The file of its tokenizer, below the spec's folder, if it has one."""
        return None

    def rows(self) -> int | None:
        """Number of rows, None where it is known only once they are read."""
        return None


class Known(Source):
    """A function of sklearn.datasets, whose sizes are known before it is called."""

    def features(self) -> int:
        """Number of feature columns."""
        raise TypeError(f"{type(self).__name__} has no features")

    def classes(self) -> int | None:
        """Number of classes that the target counts; None where the target is a quantity."""
        return None

    def targets(self) -> int:
        """Number of target columns."""
        return 1


class RelativePath(Kind):
    """A file or folder beneath the spec's folder."""

    expects = "a path beneath this file's folder, with / between its parts"

    def read(self, value: object) -> str:
        ordinary = isinstance(value, str) and value.isprintable() and "\\" not in value
        if not ordinary or ":" in str(value) or {"", ".", ".."} & set(str(value).split("/")):
            return super().read(value)  # type: ignore[no-any-return]
        return str(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "string"}


class Columns(Source):
    """Rows that a module of the package reads from one place, by the names of their columns.

    module, function: what reads them.
    one_number: whether a cell is one number or text, never several numbers.
    said: what the rows stand in.
    """

    form: ClassVar[Form] = "table"
    held: ClassVar[str] = "Table"
    module: ClassVar[str]
    function: ClassVar[str]
    library: ClassVar[bool] = True
    one_number: ClassVar[bool] = True
    place: ClassVar[Literal["path", "url"] | None] = "path"
    said: ClassVar[str]

    def options(self) -> Mapping[str, object]:
        """What its function takes besides the place."""
        return {}


class Files(Columns):
    """Rows in a file beneath the spec's folder."""

    path: Annotated[str, RelativePath()]
