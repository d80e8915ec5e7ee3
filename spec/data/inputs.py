"""`inputs.NAME` and `target`: what reaches an input of the model, and what a loss compares with."""

from typing import Annotated, Any, Final

from ..fields import STRINGS
from ..kinds import Integer, JsonSchema, Optional, OptionalDType, Reader, Repeated
from ..model import Section, defined
from ..schema import Form


def _columns(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if not is_list or not value:
        raise ValueError("must be the name of a column, or a list of them")
    return tuple(value)  # type: ignore[arg-type]


_COLUMNS: Final[JsonSchema] = {"anyOf": [{"type": "string"}, {**STRINGS, "minItems": 1}]}


def _anything(value: Any) -> Any:
    return value


def _steps(name: str) -> JsonSchema:
    return {"type": "array", "items": defined(name)}


_PREPARE: Final[JsonSchema] = {
    "anyOf": [
        _steps("preparation"),
        {"type": "object", "additionalProperties": _steps("preparation")},
    ]
}


class InputColumns(Section):
    """What is taken for an input, and what is done to it.

    columns: of a table; left out, every column that is not the target.
    prepare: what is done to them, in order: a list for all columns, or one for each by its name.
    augment: what is done by chance to the images of a batch in training, in order.
    """

    columns: Annotated[tuple[str, ...] | None, Reader(_columns, _COLUMNS)] = None
    prepare: Annotated[Any, Reader(_anything), Form(_PREPARE)] = ()
    augment: Annotated[Any, Reader(_anything), Form(_steps("augmentation"))] = ()


class TargetColumns(Section):
    """What of a row the losses compare with.

    columns: of a table; `column` for a single one.
    dtype, shape: of a row's target, where the losses leave it open.
    """

    column: Annotated[tuple[str, ...], Reader(_columns, _COLUMNS)]
    dtype: OptionalDType = None
    shape: Annotated[tuple[int, ...] | None, Optional(Repeated(Integer(1), single=False))] = None
