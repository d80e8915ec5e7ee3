"""What `[data]` says beside the arguments of its source."""

from typing import Annotated

from ..kinds import Choice, Integer, JsonSchema, Optional
from ..model import Section
from ..schema import Before
from .inputs import InputColumns, TargetColumns
from .split import Split
from .window import WindowTable


def _target(value: object) -> object:
    """`"y"` and `["y1", "y2"]` are short for tables; false is for rows without a target."""
    if value is False:
        return None
    return value if isinstance(value, dict) else {"column": value}


def _target_form(schema: JsonSchema) -> JsonSchema:
    return {"anyOf": [schema["properties"]["column"], schema, {"const": False}]}


class DataKeys(Section):
    """A `[data]` of any type.

    inputs: what reaches each input of the model, and how it is prepared.
    target: the column that a loss compares with, a list of columns, or false for none.
    split: which rows are learned from, and which are kept to judge by.
    folds: into how many parts rows are divided, each of which is kept once to judge by.
    window: how long the stretches of a text or a series are.
    load: whether rows are kept in memory or read while training.
    """

    inputs: dict[str, InputColumns] = {}
    target: Annotated[TargetColumns | None, Before(_target, _target_form)] = None
    split: Split | None = None
    folds: Annotated[int | None, Optional(Integer(2))] = None
    window: WindowTable | None = None
    load: Annotated[str | None, Optional(Choice("memory", "stream"))] = None
