"""A function of the user's own as a source of rows."""

from typing import Any, ClassVar, Literal

from .base import Columns


class OwnFunction(Columns):
    """What a function in a Python file beside the spec returns: columns by their names.

    It is no class that a `type` names: `type = "./data.py:function"` does.
    """

    file: Any
    name: Any

    module: ClassVar[str] = "own_table"
    function: ClassVar[str] = "own_table"
    library: ClassVar[bool] = False
    one_number: ClassVar[bool] = False
    place: ClassVar[Literal["path", "url"] | None] = None
    said: ClassVar[str] = "CSV file"

    def said_type(self) -> str:
        return f"./{self.file.path}:{self.name}"
