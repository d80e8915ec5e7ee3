"""`[tool.specc]` of pyproject.toml: the specs of a project, and where their packages go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from glob import glob
from pathlib import Path
from typing import Any, Final

from .spec.record import Record

KEYS: Final = ("files", "output", "edition")
EDITION: Final = 1


class ProjectError(Exception):
    """A pyproject.toml whose `[tool.specc]` can't be used; the message says why."""


class Project(Record):
    """What a project says of its specs.

    folder: of its pyproject.toml, relative to the current one.
    patterns: of the specs, below the folder. output: of the packages, if it is named.
    """

    folder: str
    patterns: tuple[str, ...]
    output: Path | None

    def specs(self) -> tuple[str, ...]:
        """The specs, relative to the current folder. Raises `ProjectError` where there are none."""
        found: dict[str, None] = {}
        for pattern in self.patterns:
            names = sorted(glob(os.path.join(self.folder, pattern), recursive=True))
            if not names:
                raise ProjectError(f"[tool.specc] files: {pattern} matches no file")
            found |= dict.fromkeys(os.path.normpath(name) for name in names)
        return tuple(found)


def find_project() -> Project | None:
    """The project around the current folder: the nearest pyproject.toml with `[tool.specc]`.

    Raises `ProjectError`.
    """
    import tomli

    for folder in (Path.cwd(), *Path.cwd().parents):
        try:
            text = (folder / "pyproject.toml").read_text("utf-8")
        except OSError:
            continue
        try:
            table = tomli.loads(text).get("tool", {}).get("specc")
        except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ProjectError(f"{folder / 'pyproject.toml'}: {error}") from None
        if table is not None:
            return _project(table, os.path.relpath(folder))
    return None


def _project(table: object, folder: str) -> Project:
    if not isinstance(table, Mapping):
        raise ProjectError("[tool.specc] must be a table")
    for key in table:
        if key not in KEYS:
            raise ProjectError(f"[tool.specc] has no key {key}: it has {', '.join(KEYS)}")
    if table.get("edition", EDITION) != EDITION:
        said = f"this specc knows edition {EDITION} of the language"
        raise ProjectError(f"[tool.specc] edition is {table['edition']}: {said}")
    output = table.get("output")
    if output is not None and not isinstance(output, str):
        raise ProjectError("[tool.specc] output must be a folder, such as src/nets")
    at = Path(os.path.normpath(os.path.join(folder, output))) if output is not None else None
    return Project(folder, _patterns(table.get("files", [])), at)


def _patterns(files: Any) -> tuple[str, ...]:
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise ProjectError('[tool.specc] files must be a list, such as ["models/*.toml"]')
    return tuple(files)
