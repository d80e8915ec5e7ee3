"""`specc build FILE`"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from ..spec.diagnostic import SpecError
from .common import (
    Read,
    checked_or_stop,
    fail,
    files_argument,
    named_files,
    project,
    read_spec,
    set_option,
    show,
)
from .errors import Stop

if TYPE_CHECKING:
    from ..compiler.compile import Checked
    from ..compiler.write import WriteError


@click.command(name="build")
@files_argument
@click.option("-o", "--output", type=click.Path(), metavar="DIR", help="The package's folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if files differ.")
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited or are not ours.")
@click.option("--watch", "is_watched", is_flag=True, help="Build again whenever a file changes.")
@set_option
def command(
    files: tuple[str, ...],
    output: str | None,
    only_check: bool,
    only_diff: bool,
    force: bool,
    is_watched: bool,
    settings: tuple[str, ...],
) -> None:
    """Write the packages of specs to generated/<package>/, or where [tool.specc] says."""
    if only_check + only_diff + is_watched > 1:
        raise click.UsageError("--check, --diff and --watch exclude each other")
    files = named_files(files)
    if output and len(files) > 1:
        raise click.UsageError("-o is the folder of one package: give one spec")

    def build(read: Read) -> None:
        made, checked = rendered(read, settings)
        folder = Path(output) if output else default_folder(checked)
        if only_check or only_diff:
            _compare(made, folder, only_diff, _again(read, output, settings))
            return
        write_package(made, folder, force)
        click.echo(folder)

    if is_watched:
        from .watch import watch

        watch(files, settings, build)
    statuses = [_status(file, settings, build) for file in files]
    if any(statuses):
        raise Stop(max(statuses))


def _again(read: Read, output: str | None, settings: tuple[str, ...]) -> str:
    """The command that builds a package."""
    words = ["specc", "build", "-" if read.name == "<stdin>" else read.name]
    words += ["-o", output] if output else []
    return shlex.join([*words, *(word for one in settings for word in ("--set", one))])


def _status(file: str, settings: tuple[str, ...], build: Callable[[Read], None]) -> int:
    """How a build of one of several specs ended."""
    try:
        build(read_spec(file, settings))
    except Stop as stop:
        return stop.status
    return 0


def rendered(read: Read, settings: tuple[str, ...]) -> tuple[dict[str, str], Checked]:
    """The files of a spec's package, and what they were made of."""
    from ..compiler.compile import package

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

    found = project()
    above = found.output if found is not None else None
    return (above or Path("generated")) / snake_case(checked.spec.model.name)


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


_ADVICE: Final = {
    "edited": "edited files: move the changes into the spec or files of other names, then run",
    "foreign": "files that specc did not write: move them, or name another folder with -o",
}


def _compare(files: dict[str, str], folder: Path, show_diff: bool, build: str) -> None:
    """Says what differs, and what would mend it: `build` is the command that does."""
    from ..compiler.write import WriteError, compare, difference

    try:
        changes = [change for change in compare(files, folder) if change.kind != "unchanged"]
    except WriteError as error:
        _stop(error)
    if not changes:
        return
    if show_diff:
        click.echo(difference(files, folder), nl=False)
        raise Stop(1)
    for change in changes:
        click.echo(f"{folder / change.path}: {change.kind}")
    kinds = {change.kind for change in changes}
    if "edited" in kinds:
        click.echo(f"{_ADVICE['edited']} {build} --force", err=True)
    if "foreign" in kinds:
        click.echo(_ADVICE["foreign"], err=True)
    if not kinds & {*_ADVICE}:
        click.echo(f"run {build}", err=True)
    raise Stop(1)
