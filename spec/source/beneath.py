"""Files beneath the spec's folder: the only ones that a spec can bring along."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping
from typing import Final

from ..paths import refused_as_path, shown_path
from ..record import Record
from ..refusal import Refusal

FileId = tuple[int | str, int | str]
"""What tells files apart, whatever the path: the device, and the number of the file on it."""
NO_FILE: Final = "there is no such file"


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


class Folder(Record):
    """The folder of a spec: it reads the files beneath it, and no other ones.

    path: what the names of the files in it begin with.
    """

    path: str

    def name(self, path: str) -> str:
        """What messages call the file at a path beneath it."""
        return os.path.join(self.path, path)

    def relative(self, name: str) -> str:
        """The path beneath it of a file that messages call so."""
        return os.path.relpath(name, self.path or ".").replace(os.sep, "/")

    def id(self, name: str) -> FileId | None:
        """Which file it is that messages call so; None where it is none any more."""
        try:
            status = os.stat(name)
        except (OSError, ValueError):
            return None
        return status.st_dev, status.st_ino

    def read(self, path: str, limit: int) -> Found:
        """The file at a path beneath it. Raises `Refusal`.

        limit: the most bytes that it may have.
        """
        root, real = (os.path.realpath(os.path.join(self.path, part)) for part in ("", path))
        if os.path.commonpath([root, real]) != root:
            said = f"{shown_path(path)} is a symbolic link that leads out of the spec's folder"
            raise Refusal(said, code="bad-path", help="copy the file beneath the spec's folder")
        try:
            # Without waiting: a named pipe would wait for somebody to write into it.
            with open(os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise unreadable(path, "this is no ordinary file")
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise unreadable(path, NO_FILE) from None
        except IsADirectoryError:
            raise unreadable(path, "this is a folder") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise unreadable(path, f"it can't be read: {reason}") from None
        check_length(path, len(data), limit)
        return Found(data, (status.st_dev, status.st_ino))


class EditedFolder(Folder):
    """A folder some of whose files have other texts than on disk, by their names."""

    texts: Mapping[str, str]

    def read(self, path: str, limit: int) -> Found:
        """The file at a path beneath it. Raises `Refusal`."""
        found = Folder.read(self, path, limit)
        text = self.texts.get(self.name(path))
        if text is None:
            return found
        check_length(path, len(text.encode()), limit)
        return Found(text.encode(), found.id)


def check_length(path: str, length: int, limit: int) -> None:
    """Refuses a file that is too large."""
    if length > limit:
        said = f"{shown_path(path)} is larger than the {limit:,} bytes that are left for it"
        raise Refusal(said, code="too-large")


def utf8(data: bytes, path: str) -> str:
    """The text of a file's content. Raises `Refusal`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = f"it is not UTF-8: byte 0x{data[error.start]:02x} in line {line}"
        raise unreadable(path, said) from None


def unreadable(path: str, reason: str) -> Refusal:
    """Says why a file can't be read."""
    return Refusal(f"{shown_path(path)}: {reason}", code="unreadable")
