"""What the language has and this version does not compile yet: refused, never skipped."""

from __future__ import annotations

from ...spec.model import CallEntry, Entry, ExpressionEntry, TensorEntry
from ...spec.source import Path
from .problems import Problems


def refuse_unsupported(entry: Entry, path: Path, problems: Problems) -> None:
    """Reports the keys of an entry that would have to be ignored."""
    if isinstance(entry, CallEntry):
        if entry.recompute and not entry.call:
            said = "recompute is for a layer that is called where it stands"
            problems.error("conflict", said, (*path, "recompute"), part="key")
        if entry.shared and entry.repeat is None:
            problems.error("conflict", "shared is for a repeat", (*path, "shared"), part="key")
    if isinstance(entry, ExpressionEntry | TensorEntry) and entry.when is not None:
        problems.error(
            "conflict",
            "when is for modules, blocks and containers: there the input passes through instead",
            (*path, "when"),
            part="key",
            help="write a conditional expression: a if condition else b",
        )


def refuse(what: str, path: Path, problems: Problems) -> None:
    """Reports what is part of the language, but not of this version."""
    problems.error(
        "not-supported",
        f"{what} is part of the language, but not of this version",
        path,
        part="key",
    )
