"""`specc diff [OLD] NEW`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .common import Read, checked_or_stop, fail, read_spec, read_written
from .errors import Stop

if TYPE_CHECKING:
    from ..change_text import Told
    from ..compiler.compile import Checked
    from ..compiler.diff.compare import Comparison

_KINDS = ["checkpoints", "callers"]


@click.command(name="diff")
@click.argument("files", metavar="[OLD] NEW", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="How changes are told.",
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    type=click.Choice(_KINDS),
    help="Let changes through that break these.",
)
@click.option("--migrate", type=click.Path(), metavar="FILE", help="Write a program that renames.")
@click.option("--fresh", multiple=True, metavar="PATTERN", help="Weights that may begin anew.")
@click.option("--drop", multiple=True, metavar="PATTERN", help="Old weights that may be lost.")
def command(
    files: tuple[str, ...],
    form: str,
    allowed: tuple[str, ...],
    migrate: str | None,
    fresh: tuple[str, ...],
    drop: tuple[str, ...],
) -> None:
    """Say what changes from one spec to another, and what that breaks.

    OLD and NEW are files, or git:REV (the other's file at a revision), or git:REV:PATH. OLD left
    out is git:HEAD.
    """
    from ..change_text import Told
    from ..compiler.diff.change import KINDS
    from ..compiler.diff.compare import compare

    if len(files) > 2:
        raise click.UsageError(f"diff takes two specs, not {len(files)}")
    if migrate is None and (fresh or drop):
        raise click.UsageError("--fresh and --drop are for --migrate FILE")
    old_file, new_file = files if len(files) == 2 else ("git:HEAD", files[0])
    old, new = _read(old_file, new_file), _read(new_file, old_file)
    (one, document), (other, new_document) = checked_or_stop(old), checked_or_stop(new)
    found = compare(one, other, document, new_document)
    let_through = frozenset(kind for kind in KINDS if kind in allowed)
    if migrate is not None:
        # What is carried over breaks nothing any more.
        _migrate((one, other), found, Path(migrate), Path(new.name).name, fresh, drop)
        let_through |= {"checkpoints"}
    told = Told(old.name, new.name, found.changes, {**old.texts, **new.texts}, let_through)
    _tell(told, form)
    if any(map(told.fails, told.changes)):
        raise Stop(1)


def _tell(told: Told, form: str) -> None:
    from .. import change_text, render

    if form == "text":
        said = change_text.as_text(told)
    elif form == "json":
        said = change_text.as_json(told)
    else:
        render_as = render.as_github if form == "github" else render.as_sarif
        said = render_as(change_text.as_diagnostics(told), told.texts)
    click.echo(said, nl=False)


def _migrate(
    checked: tuple[Checked, Checked],
    found: Comparison,
    file: Path,
    spec_name: str,
    fresh: tuple[str, ...],
    drop: tuple[str, ...],
) -> None:
    """Writes the program that carries weights over. Ends the command where there is none."""
    from ..compiler.diff.migrate import migrate
    from ..compiler.diff.migration import NotCarriedError
    from ..compiler.write import InTheWay, WriteError, write_alone

    if file.suffix != ".py":
        raise click.BadParameter(f"{file} must end in .py", param_hint="--migrate")
    try:
        text = migrate(*checked, found, spec_name, fresh, drop)
        if text is None:
            click.echo("specc: weights load as they are: no migration is written", err=True)
            return
        write_alone(text, file)
    except NotCarriedError as error:
        fail(f"no migration is written: {error}", status=1)
    except WriteError as error:
        fail(str(error), status=1 if isinstance(error, InTheWay) else 2)
    click.echo(f"specc: {file} is written; run python {file} OLD.pt NEW.pt", err=True)


def _read(source: str, other: str) -> Read:
    """A spec from a file, or from a revision."""
    from ..revision import PREFIX, at_revision
    from ..spec.source import Unreadable, format_of

    if not source.startswith(PREFIX):
        return read_spec(source, ())
    try:
        was = at_revision(source, None if other.startswith(PREFIX) or other == "-" else other)
        text, format = was.text(), format_of(was.file)
    except Unreadable as error:
        fail(str(error))
    return read_written(was.name, text, format, was.folder, ())
