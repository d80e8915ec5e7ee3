"""What several commands share: arguments, reading a spec, saying what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from ..spec.diagnostic import Diagnostic, SpecError
from ..spec.record import Record
from .errors import Stop

if TYPE_CHECKING:
    from ..compiler.compile import Checked
    from ..project import Project
    from ..spec.source import Document, Folder

F = TypeVar("F", bound=Callable[..., Any])

STDIN: Final = "<stdin>"
"""What messages call standard input."""

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a scalar of the spec (optimizer.lr=0.1), or a param of the model (depth=4).",
)
file_argument = click.argument("file", metavar="FILE", type=click.Path())
files_argument = click.argument("files", metavar="[FILE…]", nargs=-1, type=click.Path())


class Read(Record):
    """A spec as far as it could be read.

    texts: of each file by its name, for showing problems.
    """

    name: str
    document: Document | None
    checked: Checked | None
    diagnostics: Sequence[Diagnostic]
    texts: Mapping[str, str]


def project() -> Project | None:
    """What `[tool.specc]` of pyproject.toml says, if there is any."""
    from ..project import ProjectError, find_project

    try:
        return find_project()
    except ProjectError as error:
        fail(str(error))


def named_files(files: Sequence[str]) -> tuple[str, ...]:
    """The specs that a command is given; without any, those of the project."""
    from ..project import ProjectError

    if files:
        return tuple(files)
    found = project()
    try:
        named = found.specs() if found is not None else ()
    except ProjectError as error:
        fail(str(error))
    if not named:
        said = "name a spec, or write them into pyproject.toml: [tool.specc] files = […]"
        raise click.UsageError(said)
    return named


def read_spec(
    file: str, settings: Sequence[str], edited: Mapping[str, str] = MappingProxyType({})
) -> Read:
    """Reads and checks a spec; `-` is standard input. Raises `Stop` where it can't be read.

    edited: texts that are taken for those on disk, by the files' names.
    """
    from ..spec.source import EditedFolder, Unreadable

    try:
        name, text, format = _text(file, edited)
    except Unreadable as error:
        fail(str(error))
    folder = None if file == "-" else EditedFolder(os.path.dirname(file), edited)
    return read_written(name, text, format, folder, settings)


def read_written(
    name: str, text: str, format: str, folder: Folder | None, settings: Sequence[str]
) -> Read:
    """Reads and checks what is written in a spec.

    name: what messages call it. folder: where the files lie that it names, if anywhere.
    """
    from ..compiler.compile import check
    from ..compiler.gather import gather
    from ..spec.source import parse_json, parse_toml

    texts = {name: text}
    try:
        document = (parse_toml if format == "toml" else parse_json)(text, name)
    except SpecError as error:
        return Read(name, None, None, error.diagnostics, texts)
    document, problems = gather(document.replace(folder=folder), settings)
    if problems:
        return Read(name, None, None, problems, document.texts)
    checked, diagnostics = check(document)
    return Read(name, document, checked, diagnostics, document.texts)


def _text(file: str, edited: Mapping[str, str]) -> tuple[str, str, str]:
    """A spec's name, text and format."""
    from ..spec.source import decoded, read_text

    if file != "-":
        text, format = read_text(file)
        return file, edited.get(file, text), format
    text = edited.get(STDIN) or decoded(sys.stdin.buffer.read(), STDIN)
    return STDIN, text, "json" if text.lstrip().startswith("{") else "toml"


def checked_or_stop(read: Read) -> tuple[Checked, Document]:
    """The sound spec, or its problems on stderr and status 1."""
    if read.checked is None or read.document is None:
        show(read.diagnostics, read.texts)
        raise Stop(1)
    return read.checked, read.document


def show(diagnostics: Sequence[Diagnostic], texts: Mapping[str, str]) -> None:
    """Problems for a reader, on stderr."""
    from ..render import as_text

    click.echo(as_text(diagnostics, texts, color=use_color(sys.stderr)), err=True, nl=False)


def use_color(stream: Any) -> bool:
    """Whether a stream is a terminal whose user did not ask for plain text."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def fail(message: str, status: int = 2) -> NoReturn:
    """Says why nothing could be done; status 2 unless it is a finding."""
    from ..snippet import visible_lines

    click.echo("\n".join(visible_lines(f"specc: {message}")), err=True)
    raise Stop(status)
