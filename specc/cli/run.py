"""`specc run FILE [ARGS]`"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from .build import rendered, write_package
from .common import fail, file_argument, set_option
from .errors import Stop


@click.command(name="run", context_settings={"ignore_unknown_options": True})
@file_argument
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@set_option
def command(file: str, arguments: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Build into generated/, then train; ARGS go to the package's own train command."""
    files, package = rendered(file, settings)
    folder = Path("generated") / package
    if "train.py" not in files:
        fail(f"{file} describes no training: it has no [data], [loss] and [optimizer]")
    write_package(files, folder, force=False)
    environment = os.environ | {"PYTHONPATH": _search_path(folder.parent)}
    status = subprocess.run(
        [sys.executable, "-m", package, "train", *arguments], env=environment, check=False
    ).returncode
    if status:
        raise Stop(1)


def _search_path(folder: Path) -> str:
    """The folder of the packages, before whatever the user has set."""
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(folder.resolve()), *([inherited] if inherited else [])])
