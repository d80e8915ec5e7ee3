"""PackagePlan -> files. Templates decide nothing: a slot is a line that becomes statements."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .package import Copied, Own, PackagePlan, Rendered
from .printer import render as print_statements

if TYPE_CHECKING:
    from jinja2 import Environment

_EMPTY: Final = "\0"
"""Marks the line of a slot without statements, which leaves no line behind."""


def render(plan: PackagePlan) -> dict[str, str]:
    """The text of each file by its path, in the order of the paths."""
    return {file.path: _text(file) for file in sorted(plan.files, key=lambda file: file.path)}


def _text(file: Rendered | Copied | Own) -> str:
    match file:
        case Rendered():
            return _rendered(file)
        case Copied():
            return _copied(file)
        case Own():
            return file.text


def _copied(file: Copied) -> str:
    return (_templates() / "runtime" / file.path).read_text("utf-8")


def _rendered(file: Rendered) -> str:
    slots = {
        name: print_statements(slot.statements, indent=slot.indent).rstrip("\n") or _EMPTY
        for name, slot in file.slots.items()
    }
    text = _environment().get_template(file.template).render(slots)
    lines = [line for line in text.split("\n") if line != _EMPTY]
    return "\n".join(lines).strip("\n") + "\n"


def runtime_modules() -> frozenset[str]:
    """The names of the modules that packages may get copies of."""
    return frozenset(path.stem for path in (_templates() / "runtime").glob("*.py"))


@cache
def _templates() -> Path:
    """The folder of the templates, beside this package wherever it is installed."""
    package = import_module("...templates", __package__)
    return Path(next(iter(package.__path__)))


@cache
def _environment() -> Environment:
    # Imported here: what only checks a spec renders nothing.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_templates()),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
