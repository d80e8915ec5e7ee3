"""Sources that are files of columns."""

from typing import Annotated, ClassVar

from ..kinds import Kind
from .base import Source


class RelativePath(Kind):
    """A file beneath the spec's folder."""

    expects = "a path beneath this file's folder, with / between its parts"

    def read(self, value: object) -> str:
        ordinary = isinstance(value, str) and value.isprintable() and "\\" not in value
        if not ordinary or ":" in str(value) or {"", ".", ".."} & set(str(value).split("/")):
            return super().read(value)  # type: ignore[no-any-return]
        return str(value)


class Csv(Source):
    """A file of comma-separated values; its first line names the columns."""

    path: Annotated[str, RelativePath()]

    has_columns: ClassVar[bool] = True

    def file(self) -> str:
        return self.path
