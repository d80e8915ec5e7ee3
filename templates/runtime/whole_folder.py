"""Folders that are there as a whole or not at all, and show when they are damaged."""

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from .checkpoint import CheckpointError

SUMS = "SHA256SUMS"
"""The file with the checksums of the others, as `sha256sum --check` reads it."""
UNFINISHED = ".unfinished"
"""What is being written, or removed."""


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder, which is on the disk once it has its name.

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    aside = folder.with_name(UNFINISHED)
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        end_folder(folder, aside, write_files(aside, files))
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def write_files(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """Write files, which are on the disk then; return the line of sums of each."""
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return {name: sum_line(name, content) for name, content in files.items()}


def end_folder(folder: Path, aside: Path, sums: Mapping[str, str]) -> None:
    """Give a folder its name, once the sums of its files are on the disk, too."""
    write_files(aside, {SUMS: "".join(sums[name] for name in sorted(sums)).encode()})
    sync(aside)
    aside.rename(folder)
    sync(folder.parent)


def read_folder(
    folder: Path, is_wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, bytes]:
    """Return the content of the files of a folder by their names.

    Args:
        is_wanted: whether a file is read; others are to be there

    Raises:
        CheckpointError: it is not what was written.
    """
    try:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        names = sorted(path.relative_to(folder).as_posix() for path in paths)
        wanted = [name for name in names if name == SUMS or is_wanted(name)]
        files = {name: (folder / name).read_bytes() for name in wanted}
    except OSError as error:
        raise CheckpointError(f"{folder} cannot be read: {error}") from error
    sums = files.pop(SUMS, b"").decode(errors="replace").splitlines(keepends=True)
    kept = {line[66:].rstrip("\n"): line for line in sums}
    found = {name: kept.get(name, "") for name in names if name != SUMS}
    found |= {name: sum_line(name, content) for name, content in files.items()}
    if list(found.values()) != sums:
        wrong = [name for name, line in found.items() if line != kept.get(name)]
        wrong += [name for name in kept if name not in found]
        said = " and ".join(wrong or [SUMS])
        raise CheckpointError(f"{folder} is damaged: {said} is not what was written")
    return files


def remove_folder(folder: Path) -> None:
    """Remove a folder: it loses its name before it loses its files."""
    aside = folder.with_name(UNFINISHED)
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    shutil.rmtree(aside)


def rename_file(aside: Path, path: Path) -> None:
    """Give a file that was written aside its name, once it is on the disk."""
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    sync(path.parent)


def sum_line(name: str, content: bytes) -> str:
    """Return what the sums say of a file."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n"


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
