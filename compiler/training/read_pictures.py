"""`plots` of `[training]`, read: what each picture shows, and when it is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...spec.kinds import describe
from ...spec.source import Path
from ...spec.training_tables import PICTURES, Picture
from ..resolve.problems import Problems
from .read_table import read_table, unknown_name


def read_pictures(values: Iterable[Any], problems: Problems) -> tuple[Picture | None, ...]:
    """The pictures, None for those with problems."""
    found: list[Picture | None] = []
    for index, value in enumerate(values):
        path: Path = ("training", "plots", index)
        picture = _picture(value, path, problems)
        if picture is not None and any(other and other.type == picture.type for other in found):
            problems.error("duplicate-name", f"{picture.type} is given twice", path)
        found.append(picture)
    return tuple(found)


def _picture(value: Any, path: Path, problems: Problems) -> Picture | None:
    table = value if isinstance(value, dict) else {"type": value}
    kind = table.get("type")
    if not isinstance(kind, str) and "type" in table:
        said = f"a picture is a name, or a table with a type, not {describe(value)}"
        problems.error("invalid-value", said, path)
        return None
    if isinstance(kind, str) and kind not in PICTURES:
        place = (*path, "type") if table is value else path
        unknown_name(kind, PICTURES, "a picture", place, problems)
        return None
    return read_table(Picture, table, path, problems, what="a picture")
