"""The PackagePlan: every file of the output, decided; what is left is to print it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import code


@dataclass(frozen=True)
class Slot:
    """Statements for a place of a template that has a line of its own.

    indent: levels of four spaces.
    """

    statements: tuple[code.Statement, ...]
    indent: int = 0


@dataclass(frozen=True)
class Rendered:
    """A file made of a template: fixed lines, and slots for whole statements."""

    path: str
    template: str
    slots: Mapping[str, Slot] = field(default_factory=dict)


@dataclass(frozen=True)
class Copied:
    """A real module of `templates/runtime`, copied as it is."""

    path: str


@dataclass(frozen=True)
class Own:
    """A file of the user's own, copied as it is."""

    path: str
    text: str


@dataclass(frozen=True)
class PackagePlan:
    """A package: its name, the class of its model, and its files."""

    name: str
    class_name: str
    files: tuple[Rendered | Copied | Own, ...]
