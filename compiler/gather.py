"""Document -> Document: with the files that it names, and the values that were set beside it."""

from __future__ import annotations

from collections.abc import Sequence

from ..spec.diagnostic import Diagnostic, SpecError
from ..spec.source import Document


def gather(document: Document, settings: Sequence[str]) -> tuple[Document, list[Diagnostic]]:
    """The document that `check` takes, and why there is none: then its texts alone are of use.

    settings: as `--set` gives them; they may change what included files say.
    """
    # Imported where a spec has such things: most have none.
    if "include" in document.value:
        from ..spec.source.include import include

        document, problems = include(document)
        if problems:
            return document, problems
    if settings:
        from .resolve.settings import apply_settings

        try:
            document = apply_settings(document, settings)
        except SpecError as error:
            return document, error.diagnostics
    written = repr(document.value)
    if "./" in written or ".py:" in written:
        from ..spec.source.own_files import read_own_files

        document = read_own_files(document)
    return document, []
