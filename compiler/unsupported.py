"""What the language has and this version does not compile yet: refused, never skipped."""

from __future__ import annotations

from collections.abc import Sequence

from ..spec.model import CallEntry, Entry, ExpressionEntry, Input, TensorEntry
from ..spec.source import Path
from .graph import Container, Node
from .problems import Problems


def refuse_unsupported(entry: Entry, path: Path, problems: Problems) -> None:
    """Reports the keys of an entry that would have to be ignored."""
    if isinstance(entry, CallEntry):
        if entry.parametrize is not None:
            _refuse("parametrize", (*path, "parametrize"), problems)
        if entry.recompute:
            _refuse("recompute", (*path, "recompute"), problems)
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
    if isinstance(entry.when, str) and "training" in entry.when:
        _refuse("a when that depends on training", (*path, "when"), problems)


def refuse_optional(item: Input, path: Path, problems: Problems) -> None:
    """Reports an input that may be left out."""
    if item.optional:
        _refuse("an optional input", (*path, "optional"), problems)


def refuse_module_param(path: Path, problems: Problems) -> None:
    """Reports a param whose values are types of modules."""
    _refuse("a param of type module", path, problems)


def refuse_open_repeats(nodes: Sequence[Node], problems: Problems) -> None:
    """Reports repeats of containers that are no chains: their code would be a loop's body."""
    for node in nodes:
        if not isinstance(node.action, Container):
            continue
        if node.repeat is not None and not node.action.is_chain:
            _refuse(
                "a repeat of a container that is no chain of modules (a repeat of a block is)",
                (*node.path, "repeat"),
                problems,
            )
        refuse_open_repeats(node.action.children, problems)


def _refuse(what: str, path: Path, problems: Problems) -> None:
    problems.error(
        "not-supported",
        f"{what} is part of the language, but not of this version",
        path,
        part="key",
    )
