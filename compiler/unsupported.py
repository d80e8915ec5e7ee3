"""What the language has and this version does not compile yet: refused, never skipped."""

from __future__ import annotations

from ..spec.model import CallEntry, Entry, ExpressionEntry, Input, TensorEntry
from ..spec.source import Path
from .problems import Problems


def refuse_unsupported(entry: Entry, path: Path, problems: Problems) -> None:
    """Reports the keys of an entry that would have to be ignored."""
    if isinstance(entry, CallEntry):
        if entry.parametrize is not None:
            _refuse("parametrize", (*path, "parametrize"), problems)
        if entry.recompute:
            _refuse("recompute", (*path, "recompute"), problems)
        if entry.shared and entry.repeat is None:
            problems.error(
                "conflict", "shared is for a repeat", (*path, "shared"), part="key"
            )
    if isinstance(entry, ExpressionEntry | TensorEntry) and entry.when is not None:
        problems.error(
            "conflict",
            "when is for modules, blocks and containers: there the input passes through instead",
            (*path, "when"),
            part="key",
            help="write a conditional expression: a if condition else b",
        )
    if isinstance(entry.when, str) and "training" in entry.when:
        _refuse("a when that depends on training", (*path, "when"), problems)


def refuse_optional(item: Input, path: Path, problems: Problems) -> None:
    """Reports an input that may be left out."""
    if item.optional:
        _refuse("an optional input", (*path, "optional"), problems)


def _refuse(what: str, path: Path, problems: Problems) -> None:
    problems.error(
        "not-supported", f"{what} is part of the language, but not of this version", path, part="key"
    )
