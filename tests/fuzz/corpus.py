"""The specs that others are made from: examples, tests, documentation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import training_specs

from specc.spec.diagnostic import SpecError
from specc.spec.source import parse_json, parse_toml

ROOT = Path(__file__).parents[2]
_FOLDERS = ("examples", "tests/specs", "tests/hostile", "tests/errors", "tests/diffs")
_BLOCK = re.compile(r"^```toml[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Seed:
    """A spec. tree: None where its text is none."""

    name: str
    text: str
    format: str
    tree: dict[str, Any] | None


def tree_of(text: str, format: str) -> dict[str, Any] | None:
    """What a text says; None where it can't be read."""
    try:
        document = (parse_json if format == "json" else parse_toml)(text, "spec")
    except SpecError:
        return None
    found: dict[str, Any] = deepcopy(document.value)
    return found


def seed(name: str, text: str, format: str = "toml") -> Seed:
    """A spec from its text."""
    return Seed(name, text, format, tree_of(text, format))


@cache
def seeds() -> tuple[Seed, ...]:
    """All of them, in an order that is the same each time."""
    return (*_files(), *_training(), *_documented())


def _files() -> Iterator[Seed]:
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".toml", ".json") or path.parent.name == "parts":
                continue
            text = path.read_bytes().decode("utf-8", "replace")
            if len(text) < 20_000:
                yield from _split(f"{folder}/{path.name}", text, path.suffix[1:])


def _split(name: str, text: str, format: str) -> Iterator[Seed]:
    """The specs of a file: one, or one under each of its keys."""
    found = seed(name, text, format)
    if found.tree is None or "model" in found.tree or "errors" in name:
        yield found
        return
    for key, inner in found.tree.items():
        if isinstance(inner, dict) and "model" in inner:
            yield Seed(f"{name}:{key}", "", format, inner)


def _training() -> Iterator[Seed]:
    for name, text in sorted(vars(training_specs).items()):
        if name.isupper() and isinstance(text, str) and "[model]" in text:
            yield seed(f"training_specs.{name}", text)


def _documented() -> Iterator[Seed]:
    """Whole specs of the documentation, and sections put beside the others of a network."""
    base = tree_of((ROOT / "examples/network.toml").read_text("utf-8"), "toml")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for number, text in enumerate(_BLOCK.findall(page.read_text("utf-8"))):
            name = f"docs/{page.stem}.{number}"
            found = seed(name, text)
            if found.tree is None or "model" in found.tree:
                yield found
            elif not found.tree.keys() & {"entries", "layers"}:
                yield Seed(name, "", "toml", {**deepcopy(base or {}), **found.tree})


def lay_out(folder: Path) -> None:
    """Puts the files beside specs that examples name."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "examples" / "parts", folder / "parts", dirs_exist_ok=True)
    shutil.copy(ROOT / "examples" / "layers.py", folder / "layers.py")
