"""`specc build FILE`"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ..spec.diagnostic import SpecError
from .common import checked_or_stop, fail, file_argument, read_spec, set_option, show
from .errors import Stop

if TYPE_CHECKING:
    from ..compiler.compile import Checked
    from ..compiler.write import WriteError


@click.command(name="build")
@file_argument
@click.option("-o", "--output", type=click.Path(), metavar="DIR", help="The package's folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if files are stale.")
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited or are not ours.")
@set_option
def command(
    file: str,
    output: str | None,
    only_check: bool,
    only_diff: bool,
    force: bool,
    settings: tuple[str, ...],
) -> None:
    """Write the package of a spec to generated/<package>/."""
    if only_check and only_diff:
        raise click.UsageError("--check and --diff exclude each other")
    files, checked = rendered(file, settings)
    folder = Path(output) if output else default_folder(checked)
    if only_check or only_diff:
        again = ["specc", "build", file, *(["-o", output] if output else [])]
        again += [word for setting in settings for word in ("--set", setting)]
        _compare(files, folder, only_diff, shlex.join(again))
        return
    write_package(files, folder, force)
    click.echo(folder)


def rendered(file: str, settings: tuple[str, ...]) -> tuple[dict[str, str], Checked]:
    """The files of a spec's package, and what they were made of."""
    from ..compiler.compile import package

    read = read_spec(file, settings)
    checked, document = checked_or_stop(read)
    try:
        files = package(checked, document, Path(read.name).name, settings)
    except SpecError as error:
        show(error.diagnostics, read.texts)
        raise Stop(1) from None
    return files, checked


def default_folder(checked: Checked) -> Path:
    """Where a package goes unless the user says otherwise."""
    from ..spec.names import snake_case

    return Path("generated") / snake_case(checked.spec.model.name)


def write_package(files: dict[str, str], folder: Path, force: bool) -> None:
    """Writes the files; says which are in the way."""
    from ..compiler.write import WriteError, write

    try:
        write(files, folder, force=force)
    except WriteError as error:
        _stop(error)


def _stop(error: WriteError) -> NoReturn:
    """A file in the way is a finding; a folder that can't be read or written is not."""
    from ..compiler.write import InTheWay

    fail(str(error), status=1 if isinstance(error, InTheWay) else 2)


def _compare(files: dict[str, str], folder: Path, show_diff: bool, again: str) -> None:
    """Says what differs, and the command that would mend it."""
    from ..compiler.write import WriteError, compare, difference

    try:
        changes = [change for change in compare(files, folder) if change.kind != "unchanged"]
    except WriteError as error:
        _stop(error)
    if not changes:
        return
    if show_diff:
        click.echo(difference(files, folder), nl=False)
    else:
        for change in changes:
            click.echo(f"{folder / change.path}: {change.kind}")
        click.echo(f"run {again}", err=True)
    raise Stop(1)
