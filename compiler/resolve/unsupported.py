"""What the language has and this version does not compile yet: refused, never skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ...spec.model import CallEntry, Entry, ExpressionEntry, TensorEntry
from ...spec.source import Path
from .graph import Container, Node
from .problems import Problems

LATER: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "ContainerEntry": {"scan": ("dim", "carry", "outputs")},
}
"""By class: keys that no version of it knows yet, each with those that go with it."""


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


def refuse_open_repeats(nodes: Sequence[Node], problems: Problems) -> None:
    """Reports repeats of containers that are no chains: their code would be a loop's body."""
    for node in nodes:
        if not isinstance(node.action, Container):
            continue
        if node.repeat is not None and not node.action.is_chain:
            refuse(
                "a repeat of a container that is no chain of modules (a repeat of a block is)",
                (*node.path, "repeat"),
                problems,
            )
        refuse_open_repeats(node.action.children, problems)


def refuse(what: str, path: Path, problems: Problems) -> None:
    """Reports what is part of the language, but not of this version."""
    problems.error(
        "not-supported",
        f"{what} is part of the language, but not of this version",
        path,
        part="key",
    )
