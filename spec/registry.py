"""Finds the family file of a layer, function or loss by name, importing that file alone.

A spec loads only the families that it names: reading all of them would cost more than the check.
The families' source is searched as text; there is no table to keep.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

_LONGEST: Final = 100
_PATTERNS: Final = {
    "layers": r"^class ([A-Z]\w*)\((?!Arguments|Record)\w+\):",
    # Either a decorated rule or a row; `(?:...)` keeps one group, the name.
    "losses": r"^class (\w+)\(Loss\):",
    "optimizers": r"^class (\w+)\(Optimizer\):",
    "schedulers": r"^class (\w+)\(Scheduler\):",
    "data": r"^class (?!Known\b)(\w+)\((?:Source|Known)\):",
    "ops": r"(?:^@function\([^\n]*\)\ndef |^(?=\w+ = (?:unary|binary\w*)\())([a-z]\w*)",
}


@cache
def families(package: str) -> dict[str, str]:
    """Name of each public class or function of `spec.<package>` -> its module."""
    found: dict[str, str] = {}
    pattern = re.compile(_PATTERNS[package], re.MULTILINE)
    for file in sorted((Path(__file__).parent / package).glob("*.py")):
        for name in pattern.findall(file.read_text("utf-8")):
            found.setdefault(name, f"{__package__}.{package}.{file.stem}")
    return found


def load(package: str, name: str) -> object | None:
    """The class or function of this name, or None where there is none."""
    module = families(package).get(name)
    return getattr(_imported(module), name) if module else None


def _imported(module: str) -> ModuleType:
    return import_module(module)


def closest(name: str, known: object) -> str | None:
    """The known name that a typing slip may have meant."""
    from difflib import get_close_matches

    if len(name) > _LONGEST:
        return None
    lower = {str(candidate).lower(): str(candidate) for candidate in known}  # type: ignore[attr-defined]
    matches = get_close_matches(name.lower(), lower, n=1, cutoff=0.7)
    # Letters that changed places are much of a short name.
    matches += [candidate for candidate in lower if sorted(candidate) == sorted(name.lower())]
    return lower[matches[0]] if matches else None
