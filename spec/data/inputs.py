"""`inputs.NAME` and `target`: what reaches an input of the model, and what a loss compares with."""

from typing import Annotated, Any

from ..kinds import Integer, OptionalDType, Reader, Repeated
from ..model import Section


def _columns(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if not is_list or not value:
        raise ValueError("must be the name of a column, or a list of them")
    return tuple(value)  # type: ignore[arg-type]


def _anything(value: Any) -> Any:
    return value


class InputColumns(Section):
    """What is taken for an input, and what is done to it.

    columns: of a table; left out, every column that is not the target.
    prepare: what is done to them, in order: a list for all columns, or one for each by its name.
    augment: what is done by chance to the images of a batch in training, in order.
    """

    columns: Annotated[tuple[str, ...] | None, Reader(_columns)] = None
    prepare: Annotated[Any, Reader(_anything)] = ()
    augment: Annotated[Any, Reader(_anything)] = ()


class TargetColumns(Section):
    """What of a row the losses compare with.

    columns: of a table; `column` for a single one.
    dtype, shape: of a row's target, where the losses leave it open.
    """

    column: Annotated[tuple[str, ...], Reader(_columns)]
    dtype: OptionalDType = None
    shape: Annotated[tuple[int, ...] | None, Reader(Repeated(Integer(1), single=False).read)] = None
