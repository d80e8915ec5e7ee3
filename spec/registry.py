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
    "layers": r"^class ([A-Z]\w*)\((?!Arguments|Record|Kind)\w+\):",
    "losses": r"^class (\w+)\(Loss\):",
    "optimizers": r"^class (\w+)\(Optimizer\):",
    "schedulers": r"^class (?!CyclesMomentum\b)(\w+)\((?:Scheduler|CyclesMomentum)\):",
    "data": r"^class (?!Known\b)(\w+)\((?:Source|Known)\):",
    # Either a decorated rule or a row; `(?:...)` keeps one group, the name.
    "ops": r"(?:^@function\([^\n]*\)\ndef "
    r"|^(?=\w+ = (?:(?:un|bin)ary\w*|refused|alias)\())([A-Za-z]\w*)",
}


@cache
def families(package: str) -> dict[str, str]:
    """Name of each public class or function of `spec.<package>` -> its module."""
    # A loss is a module of torch like any other, and may be a layer.
    found = dict(families("losses")) if package == "layers" else {}
    pattern = re.compile(_PATTERNS[package], re.MULTILINE)
    for file in sorted((Path(__file__).parent / package).glob("*.py")):
        for name in pattern.findall(file.read_text("utf-8")):
            found.setdefault(name, f"{__package__}.{package}.{file.stem}")
    return found


def load(package: str, name: str) -> object | None:
    """The class or function of this name, or None where there is none."""
    module = families(package).get(name)
    return getattr(_imported(module), name) if module else None


def method_name(name: str) -> str:
    """The registered name of a method of `Tensor`: `method_unfold` where a function of the name
    does another thing than the method."""
    own = f"method_{name}"
    return own if own in families("ops") else name


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


def slip(name: str, meant: str | None) -> str | None:
    """The name that was meant, if so few letters differ that nothing else can have been.

    Other digits are another thing: `Conv4d` is no slip of `Conv1d`.
    """
    if meant is None or re.findall("[0-9]", name) != re.findall("[0-9]", meant):
        return None
    allowed = max(1, max(len(name), len(meant)) // 4)
    return meant if _distance(name.lower(), meant.lower()) <= allowed else None


def _distance(first: str, second: str) -> int:
    """Letters inserted, removed, replaced or swapped with their neighbour (Damerau, restricted)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        above = row
        row = [i]
        for j, other in enumerate(second, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and (letter, other) == (second[j - 2], first[i - 2]):
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
