"""The Python interface. The compiler is imported when it is called, not before."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from .spec.diagnostic import Diagnostic, SpecError
from .spec.record import Record

if TYPE_CHECKING:
    from .compiler.compile import Checked
    from .spec.source import Document

Source = str | os.PathLike[str] | Mapping[str, Any]
Format = Literal["toml", "json"]


class Compiled(Record):
    """A package that has not been written.

    files: the text of each file by its path inside the package.
    summary: as `specc summary --format json` gives it.
    """

    files: Mapping[str, str]
    summary: Mapping[str, Any]
    diagnostics: Sequence[Diagnostic] = ()

    @property
    def package(self) -> str:
        """The package's name."""
        return str(self.summary["package"])

    def __repr__(self) -> str:
        return f"<package {self.package} of {len(self.files)} files>"


def read(source: Source, format: Format | None = None) -> Document:
    """The document of a path, of a dict, or of a text in a format.

    Raises SpecError for problems within it, `Unreadable` where there is none to read.
    """
    from .spec import source as sources

    if isinstance(source, Mapping):
        return sources.from_dict(source)
    if format is None:
        if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
            raise sources.Unreadable(
                'a text needs format="toml" or "json"; without format, it is a path'
            )
        return sources.read(source)
    parse = sources.parse_toml if format == "toml" else sources.parse_json
    return parse(os.fspath(source), f"<{format}>")


def check(
    source: Source, *, format: Format | None = None, settings: Sequence[str] = ()
) -> list[Diagnostic]:
    """The problems of a spec; none means that it builds and runs.

    source: a path, a dict, or a text if `format` says what it is.
    settings: as `--set`: `lr=0.1` for the model's param, `optimizer.lr=0.1` for any scalar.
    Raises `Unreadable`, an OSError, for a file that can't be read.
    """
    try:
        checked_spec(source, format, settings)
    except SpecError as error:
        return error.diagnostics
    return []


def checked_spec(
    source: Source, format: Format | None, settings: Sequence[str]
) -> tuple[Checked, Document]:
    """A sound spec and its document. Raises as `compile` does."""
    from .compiler.compile import check as check_document
    from .compiler.gather import gather

    document, problems = gather(read(source, format), settings)
    if problems:
        raise SpecError(problems)
    checked, diagnostics = check_document(document)
    if checked is None:
        raise SpecError(diagnostics)
    return checked, document


def compile(
    source: Source, *, format: Format | None = None, settings: Sequence[str] = ()
) -> Compiled:
    """The package of a spec: its files and its summary. Writes nothing, needs no torch.

    Raises SpecError for a spec with problems, `Unreadable` for a file that can't be read.
    """
    from .compiler.compile import data_summary, package
    from .compiler.elaborate.summarize import summarize

    checked, document = checked_spec(source, format, settings)
    name = Path(next(iter(document.texts), "a dict")).name
    summary = summarize(checked.typed) | data_summary(checked)
    return Compiled(package(checked, document, name, settings), summary)


def build(
    source: Source,
    out: str | os.PathLike[str] | None = None,
    *,
    format: Format | None = None,
    settings: Sequence[str] = (),
    force: bool = False,
) -> Path:
    """Writes the package and returns its folder.

    out: the folder; left out, `generated/<package>` below the current one.
    force: whether to overwrite files of its names that were edited or are not its own.
    """
    from .compiler.write import write

    compiled = compile(source, format=format, settings=settings)
    folder = Path(out) if out is not None else Path("generated") / compiled.package
    write(compiled.files, folder, force=force)
    return folder


def load(
    source: Source, *, format: Format | None = None, settings: Sequence[str] = ()
) -> ModuleType:
    """The generated package as an imported module; `load(spec).Network()` is the model.

    Needs torch. The files live in a temporary folder until Python ends.
    """
    from .loading import import_package

    compiled = compile(source, format=format, settings=settings)
    return import_package(compiled.package, compiled.files)
