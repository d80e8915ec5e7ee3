"""`specc build --watch`"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import click

from .common import Read, read_spec
from .errors import Stop

INTERVAL: Final = 0.3
"""Seconds between two looks at the files."""

Stamp = tuple[int, int] | None


def watch(files: Sequence[str], settings: Sequence[str], build: Callable[[Read], None]) -> None:
    """Builds each spec, and again whenever a file changes that it is made of, until interrupted.

    What goes wrong is shown, and the next change awaited.
    """
    seen = {file: _build(file, settings, build) for file in files}
    click.echo(f"watching {', '.join(files)}: Ctrl-C ends", err=True)
    while True:
        time.sleep(INTERVAL)
        for file, stamps in seen.items():
            if any(_stamp(name) != stamp for name, stamp in stamps.items()):
                seen[file] = _build(file, settings, build)


def _build(file: str, settings: Sequence[str], build: Callable[[Read], None]) -> dict[str, Stamp]:
    """Builds once; what the files were like that it depends on."""
    # Before they are read: a change while it builds counts.
    before = time.time_ns()
    names = {file}
    try:
        read = read_spec(file, settings)
        names |= read.texts.keys()
        build(read)
    except Stop:
        # What is missing may be put there.
        names.add(os.path.dirname(file) or ".")
    return _stamps(names, before)


def _stamps(names: Iterable[str], before: int) -> dict[str, Stamp]:
    found = {name: _stamp(name) for name in names}
    # A file that changed meanwhile is as if it had never been seen.
    return {
        name: (-1, -1) if stamp is not None and stamp[0] > before else stamp
        for name, stamp in found.items()
    }


def _stamp(name: str) -> Stamp:
    try:
        status = os.stat(name)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
