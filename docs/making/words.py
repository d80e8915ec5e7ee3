"""What all pages of the reference share: tables of arguments, families, titles."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

from specc.spec import registry
from specc.spec.arguments import Arguments
from specc.spec.kinds import Kind, Optional, Reader
from specc.spec.layers.base import Inferred
from specc.spec.schema import Field

NOTE = "<!-- Written by docs/make_reference.py from the classes. Do not edit by hand. -->"


def by_family(package: str) -> Iterator[tuple[str, list[str]]]:
    """Each module that holds public names of a package, with these, in the order written."""
    found: dict[str, list[str]] = {}
    for name, module in registry.families(package).items():
        found.setdefault(module, []).append(name)
    yield from found.items()


def title(module: str) -> str:
    """The first sentence of a family's docstring."""
    text = inspect.getdoc(import_module(module)) or module
    return text.split("\n")[0].split(". ")[0].rstrip(".")


def source(module: str) -> str | None:
    """The page that a family's docstring names as its source."""
    _, found, rest = (inspect.getdoc(import_module(module)) or "").partition("Source: ")
    return rest.split()[0] if found else None


def described(owner: type) -> str:
    """A class's docstring, its shapes safe from Markdown."""
    return (inspect.getdoc(owner) or owner.__name__).replace("*", r"\*")


def table(owner: type[Arguments]) -> Iterator[str]:
    """The arguments of a class."""
    rows = [
        f"| `{name}` | {_default(name, field)} | {_takes(kind)} |"
        for name, field in owner.model_fields.items()
        if (kind := _kind(field)) is not None
    ]
    if rows:
        yield from ("| argument | default | takes |", "| --- | --- | --- |", *rows, "")
    elif not owner.model_fields:
        yield "No arguments.\n"


def _default(name: str, field: Field) -> str:
    mark = next((mark for mark in field.metadata if isinstance(mark, Inferred)), None)
    if mark is not None:
        owner = "the input" if mark.input == "input" else f"`{mark.input}`"
        return f"taken from dimension {mark.dim} of {owner}"
    if field.is_required():
        return "**required**"
    if field.default is None:
        return "the model's" if name == "dtype" else "none"
    return f"`{_toml(field.default)}`"


def _toml(value: object) -> str:
    """A value as a spec writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # TOML has no None: where one stands among other values, specs write it as a word.
    return f'"{value}"' if isinstance(value, str) or value is None else str(value)


def _kind(field: Field) -> Kind | None:
    """What a field may be; None where it is no argument of its own."""
    found = (mark for mark in field.metadata if isinstance(mark, Kind))
    return next((kind for kind in found if not isinstance(kind, Reader)), None)


def _takes(kind: Kind) -> str:
    return f"{kind.expects}, or left out" if isinstance(kind, Optional) else kind.expects
