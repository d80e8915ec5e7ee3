"""A spec's file -> Document."""

from __future__ import annotations

import os
from typing import Literal

from .beneath import Folder
from .document import Document
from .json import parse_json
from .toml import parse_toml

Format = Literal["toml", "json"]
MAX_BYTES = 4 * 2**20


class Unreadable(OSError):
    """A source that can't be read at all; the message says why."""


def read(path: str | os.PathLike[str], *, format: Format | None = None) -> Document:
    """The document in the file at `path`, in the format that its suffix names, or `format`.

    Raises `Unreadable` where there is no text to speak of, `SpecError` for problems within it.
    """
    name = os.fspath(path)
    text, kind = read_text(name, format=format)
    document = parse_toml(text, name) if kind == "toml" else parse_json(text, name)
    return document.replace(folder=Folder(os.path.dirname(name)))


def read_text(name: str, *, format: Format | None = None) -> tuple[str, Format]:
    """The text in a file, and its format: `format`, or what the suffix says."""
    kind = format or format_of(name)
    return decoded(_bytes(name), name), kind


def decoded(data: bytes, name: str) -> str:
    """The text of a source's bytes; `Unreadable` where it is too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"{name}: larger than {MAX_BYTES // 2**20} MiB, the most that a spec may be"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"{name}: not UTF-8: byte 0x{data[error.start]:02x} in line {line}; save it as UTF-8"
        ) from None


def format_of(name: str) -> Format:
    """The format that a file's suffix names. Raises `Unreadable`."""
    match os.path.splitext(name)[1].lower():
        case ".toml":
            return "toml"
        case ".json":
            return "json"
    raise Unreadable(f"{name}: expected a file that ends in .toml or .json")


def _bytes(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(f"{name}: there is no such file") from None
    except IsADirectoryError:
        raise Unreadable(f"{name}: this is a folder; expected a file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreadable(f"{name}: can't be read: {reason}") from None
