"""Sources that are files of columns, or a database that gives columns."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from ..kinds import JsonSchema, Kind, Optional
from .base import Columns, Files


class Delimiter(Kind):
    """What stands between the cells of a line."""

    expects = 'one character, such as ",", ";" or a tab'

    def read(self, value: object) -> str:
        is_character = isinstance(value, str) and len(value) == 1 and value not in '"\r\n'
        return value if is_character else super().read(value)  # type: ignore[return-value]

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "minLength": 1, "maxLength": 1}


class Csv(Files):
    """A file of comma-separated values; its first line names the columns.

    `delimiter` left out is a tab where the path ends in .tsv, else a comma.
    """

    delimiter: Annotated[str | None, Optional(Delimiter())] = None

    module: ClassVar[str] = "csv_table"
    function: ClassVar[str] = "read_csv"
    library: ClassVar[bool] = False
    said: ClassVar[str] = "CSV file"

    def options(self) -> Mapping[str, object]:
        between = self.delimiter or ("\t" if self.path.endswith(".tsv") else ",")
        return {"delimiter": between} if between != "," else {}


class Parquet(Files):
    """A Parquet file, with columns of numbers, texts or lists of numbers."""

    module: ClassVar[str] = "parquet_table"
    function: ClassVar[str] = "read_parquet"
    one_number: ClassVar[bool] = False
    said: ClassVar[str] = "Parquet file"


_SCHEME: Final = r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://"


class Url(Kind):
    """Where a database is, in SQLAlchemy's way of writing it."""

    expects = 'the URL of a database, such as "sqlite:///rows.db" or "postgresql+psycopg://…"'

    def read(self, value: object) -> str:
        is_url = isinstance(value, str) and value.isprintable()
        if is_url and re.match(_SCHEME, str(value)):
            return str(value)
        return super().read(value)  # type: ignore[no-any-return]

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{_SCHEME}"}


class Query(Kind):
    """What a database is asked."""

    expects = "a query in a string"

    def read(self, value: object) -> str:
        is_query = isinstance(value, str) and value.strip()
        return value if is_query else super().read(value)  # type: ignore[return-value]

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "minLength": 1}


class Sql(Columns):
    """What a database answers to a query; needs SQLAlchemy and the database's own library.

    `url` should hold no password: `--data` gives another one when the package runs.
    """

    url: Annotated[str, Url()]
    query: Annotated[str, Query()]

    module: ClassVar[str] = "sql_table"
    function: ClassVar[str] = "read_sql"
    place: ClassVar[Literal["path", "url"] | None] = "url"
    said: ClassVar[str] = "database"

    def options(self) -> Mapping[str, object]:
        return {"query": self.query}
