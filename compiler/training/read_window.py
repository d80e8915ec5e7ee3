"""`window`, read: numbers, or expressions over the model's params."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.data.window import WindowTable
from ...spec.kinds import Integer
from ...spec.source import Path
from ..elaborate.evaluate import Located, Unknown
from ..elaborate.typed import Known
from ..resolve.problems import Problems
from .data_spec import Window
from .loss_formula import Types, evaluate, names_alone, read_formula
from .read_table import read_table

PATH: Path = ("data", "window")


def read_window(table: object, params: Mapping[str, Known], problems: Problems) -> Window | None:
    """The window, or None after reporting what is wrong with it."""
    if not isinstance(table, dict):
        problems.error("invalid-value", "window must be a table", PATH)
        return None
    read = read_table(WindowTable, table, PATH, problems, what="window")
    if read is None:
        return None
    length = _number("length", read.length, params, problems)
    stride = length if "stride" not in table else _number("stride", read.stride, params, problems)
    return None if length is None or stride is None else Window(length, stride)


def _number(
    name: str, value: object, params: Mapping[str, Known], problems: Problems
) -> int | None:
    path = (*PATH, name)
    found: object = value
    if isinstance(value, str):
        expression = read_formula(value, path, names_alone(tuple(params)), problems)
        if expression is None:
            return None
        try:
            found = evaluate(expression, Types(params))
        except Unknown:
            return None
        except Located as fault:
            at = fault.at if fault.at != (0, 0) else None
            refusal = fault.refusal
            problems.error(refusal.code, refusal.message, path, within=at, help=refusal.help)
            return None
    try:
        return int(Integer(1).read(found))
    except ValueError as error:
        problems.error("invalid-value", f"{name} of window {error}", path)
        return None
