"""Paths in a spec: files beneath its folder, which mean the same on every machine."""

from __future__ import annotations

from typing import Final

MAX_PATH: Final = 200
_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{name}{digit}" for name in ("COM", "LPT") for digit in "0123456789¹²³"]
)
_UNPORTABLE: Final = frozenset('<>"|?*')


def refused_as_path(text: str) -> str | None:
    """Why a text is no path of a file that all systems take alike, or None where it is one.

    Its parts may be `..`: where that leads is another question.
    """
    if not text:
        return "it is empty"
    if len(text) > MAX_PATH:
        return f"paths have at most {MAX_PATH} characters"
    if not text.isprintable():
        return "it holds a character that can't be seen"
    if "\\" in text:
        return "its parts are separated by /, on every system"
    if text.startswith(("/", "~")) or ":" in text:
        return "it must be relative to the folder of the file that it stands in"
    if _UNPORTABLE & set(text):
        return 'no path holds one of < > " | ? *, since not every system takes them'
    return next(filter(None, map(_refused_as_part, text.split("/"))), None)


def _refused_as_part(part: str) -> str | None:
    if not part:
        return "a part of it is empty"
    if part in (".", ".."):
        return None
    if part.endswith((" ", ".")) or part.startswith(" "):
        return "no part of it begins with a space, or ends in a space or a dot"
    if part.split(".")[0].rstrip().upper() in _DEVICES:
        return f"{part} is the name of a device on Windows"
    return None


def shown_path(text: str) -> str:
    """A path as messages show it: in quotes, with nothing in it that can't be seen."""
    short = text if len(text) <= MAX_PATH else text[:MAX_PATH] + "…"
    return f'"{short}"' if short.isprintable() else ascii(short)
