"""`specc run FILE [ARGS]`"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .build import default_folder, rendered, write_package
from .common import fail, file_argument, read_spec, set_option
from .errors import Stop

if TYPE_CHECKING:
    from ..compiler.compile import Checked


@click.command(name="run", context_settings={"ignore_unknown_options": True})
@file_argument
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@set_option
def command(file: str, arguments: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Build into generated/, then train; ARGS go to the package's own train command.

    A file of data is looked for where the spec says, unless ARGS have a --data.
    """
    files, checked = rendered(read_spec(file, settings), settings)
    folder = default_folder(checked)
    if "train.py" not in files:
        fail(f"{file} describes no training: it has no [data], [loss] and [optimizer]")
    write_package(files, folder, force=False)
    environment = os.environ | {"PYTHONPATH": _search_path(folder.parent)}
    train = [sys.executable, "-m", folder.name, "train"]
    # The last --data counts, so the user's does if there is one.
    status = subprocess.run(
        [*train, *_data(file, checked), *arguments], env=environment, check=False
    ).returncode
    if status:
        raise Stop(1)


def _data(file: str, checked: Checked) -> list[str]:
    """The option that says where the file of data is: a package knows no folder but the current."""
    data = checked.training.data if checked.training is not None else None
    path = data.path if data is not None else None
    if data is None or path is None:
        return []
    folder = Path() if file == "-" else Path(file).parent
    tokenizer = data.source.tokenizer_path
    found = ["--data", str(folder / path)]
    return found if tokenizer is None else [*found, "--tokenizer", str(folder / tokenizer)]


def _search_path(folder: Path) -> str:
    """The folder of the packages, before whatever the user has set."""
    inherited = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(folder.resolve()), *([inherited] if inherited else [])])
