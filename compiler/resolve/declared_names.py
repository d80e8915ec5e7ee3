"""The names in a block's declared shapes: each must be told by what a use gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...spec.expression.nodes import Name
from ...spec.model import Input
from ...spec.record import Record
from ...spec.source import Path
from .problems import Problems


class DeclaredName(Record):
    """A name in a size of an input. is_alone: whether it is the size, and no part of a formula."""

    node: Name
    is_alone: bool
    input: str
    path: Path


def check_bound(
    inputs: Mapping[str, Input], found: Sequence[DeclaredName], problems: Problems
) -> None:
    """Reports names that stand in formulas alone, or beside that in inputs that may be left out."""
    reported: set[str] = set()
    for one in found:
        name = one.node.id
        tells = {other.input for other in found if other.is_alone and other.node.id == name}
        if name in reported or any(one.input == i or not inputs[i].optional for i in tells):
            continue
        reported.add(name)
        problems.error(
            "unknown-name",
            f"{name} is no param, and no input that is always given has {name} alone as a size",
            one.path,
            within=one.node.at,
            help=f'declare a size as "{name}", and what is said of it as where = "…"',
        )
