"""Files beneath the spec's folder: the only ones that a spec can bring along."""

from __future__ import annotations

import os
import posixpath
import stat

from ..paths import refused_as_path, shown_path
from ..record import Record
from ..refusal import Refusal

FileId = tuple[int, int]
"""What tells files apart, whatever the path: the device, and the number of the file on it."""


class Found(Record):
    """The content of a file, and which one it is."""

    data: bytes
    id: FileId


def beneath(around: str, text: str) -> str:
    """The path beneath the spec's folder that `text` means in a file of the folder `around`.

    Raises `Refusal` for what is no such path.
    """
    reason = refused_as_path(text)
    if reason is not None:
        raise Refusal(f"{shown_path(text)} is no path here: {reason}", code="bad-path")
    path = posixpath.normpath(posixpath.join(around, text))
    if path.split("/")[0] == "..":
        said = f"{shown_path(text)} leads out of the spec's folder"
        help = "a spec reads only what lies beneath its own folder: copy the file there"
        raise Refusal(said, code="bad-path", help=help)
    return path


def read_beneath(folder: str, path: str, limit: int) -> Found:
    """The file at a path beneath a folder. Raises `Refusal`.

    limit: the most bytes that it may have.
    """
    root, real = (os.path.realpath(os.path.join(folder, part)) for part in ("", path))
    if os.path.commonpath([root, real]) != root:
        said = f"{shown_path(path)} is a symbolic link that leads out of the spec's folder"
        raise Refusal(said, code="bad-path", help="copy the file beneath the spec's folder")
    try:
        # Without waiting: a named pipe would wait for somebody to write into it.
        with open(os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _unreadable(path, "this is no ordinary file")
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file") from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a folder") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _unreadable(path, f"it can't be read: {reason}") from None
    if len(data) > limit:
        said = f"{shown_path(path)} is larger than the {limit:,} bytes that are left for it"
        raise Refusal(said, code="too-large")
    return Found(data, (status.st_dev, status.st_ino))


def utf8(data: bytes, path: str) -> str:
    """The text of a file's content. Raises `Refusal`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = f"it is not UTF-8: byte 0x{data[error.start]:02x} in line {line}"
        raise _unreadable(path, said) from None


def _unreadable(path: str, reason: str) -> Refusal:
    return Refusal(f"{shown_path(path)}: {reason}", code="unreadable")
