"""Finds the family file of a layer, function or loss by name, importing that file alone.

A spec loads only the families that it names: reading all of them would cost more than the check.
The families' source is searched as text; there is no table to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from os import listdir
from os.path import dirname
from types import ModuleType
from typing import Final

_HERE: Final = dirname(__file__)
_LONGEST: Final = 100
_PATTERNS: Final = {
    "layers": rb"^class ([A-Z]\w*)\((?!Arguments|Record|Kind)\w+\):",
    "losses": rb"^class (\w+)\(Loss\):",
    "optimizers": rb"^class (\w+)\(Optimizer\):",
    "schedulers": rb"^class (?!CyclesMomentum\b)(\w+)\((?:Scheduler|CyclesMomentum)\):",
    "data": rb"^class (?!(?:Known|Columns|Files|OwnFunction)\b)(\w+)"
    rb"\((?:Source|Known|Columns|Files)\):",
    "preparations": rb"^class (\w+)\((?:Preparation|Augmentation)\):",
    # Either a decorated rule or a row; `(?:...)` keeps one group, the name.
    "ops": rb"(?:^@function\([^\n]*\)\ndef "
    rb"|^(?=\w+ = (?:(?:un|bin)ary\w*|refused|alias)\())([A-Za-z]\w*)",
}


@cache
def families(package: str) -> dict[str, str]:
    """Name of each public class or function of `spec.<package>` -> its module."""
    # A loss is a module of torch like any other, and may be a layer.
    found = dict(families("losses")) if package == "layers" else {}
    for module, text in _sources(package):
        for name in _pattern(package).findall(text):
            found.setdefault(name.decode(), module)
    return found


def load(package: str, name: str) -> object | None:
    """The class or function of this name, or None where there is none."""
    module = _module(package, name)
    return getattr(_imported(module), name) if module else None


def has(package: str, name: str) -> bool:
    """Whether there is a class or function of this name; nothing is imported."""
    return _module(package, name) is not None


@cache
def _module(package: str, name: str) -> str | None:
    """The module of one name: of the files, only those are searched that hold the word."""
    word = name.encode("utf-8", "replace")
    for module, text in _sources(package):
        if word in text and word in _pattern(package).findall(text):
            return module
    return _module("losses", name) if package == "layers" else None


@cache
def _sources(package: str) -> tuple[tuple[str, bytes], ...]:
    """The modules of a package with their text, in order."""
    folder = f"{_HERE}/{package}"
    found = []
    for file in sorted(listdir(folder)):
        if file.endswith(".py"):
            with open(f"{folder}/{file}", "rb") as text:
                found.append((f"{__package__}.{package}.{file[:-3]}", text.read()))
    return tuple(found)


@cache
def _pattern(package: str) -> re.Pattern[bytes]:
    return re.compile(_PATTERNS[package], re.MULTILINE)


def method_name(name: str) -> str:
    """The registered name of a method of `Tensor`: `method_unfold` where a function of the name
    does another thing than the method."""
    own = f"method_{name}"
    return own if _module("ops", own) else name


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


def slip(name: str, known: Iterable[object]) -> str | None:
    """The known name that was meant, if so few letters differ that nothing else can have been.

    Other digits are another thing: `Conv4d` is no slip of `Conv1d`. Nor is a name sure that two
    known ones are equally near: `pelu` may be `relu` or `gelu`.
    """
    names = [str(candidate) for candidate in known]
    meant = closest(name, names)
    if meant is None or not is_near(name, meant):
        return None
    distance = _distance(name.lower(), meant.lower())
    rivals = (one for one in names if one != meant and abs(len(one) - len(name)) <= distance)
    is_sure = all(_distance(name.lower(), one.lower()) > distance for one in rivals)
    return meant if is_sure else None


def is_near(name: str, meant: str) -> bool:
    """Whether a name differs from another one in so few letters that it may be a slip of it."""
    if re.findall("[0-9]", name) != re.findall("[0-9]", meant):
        return False
    allowed = max(1, max(len(name), len(meant)) // 4)
    return _distance(name.lower(), meant.lower()) <= allowed


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
