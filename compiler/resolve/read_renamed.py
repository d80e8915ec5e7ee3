"""Reads `renamed_from`: what a layer was called before."""

from __future__ import annotations

from ...spec.model import CallEntry, RecurrenceEntry, TensorEntry
from ...spec.names import is_identifier, shown
from ...spec.source import Path
from .problems import Problems
from .read_template import is_template


def read_renamed(entry: CallEntry | TensorEntry, path: Path, problems: Problems) -> tuple[str, ...]:
    """The earlier names of an entry; what can be none is reported."""
    place = (*path, "renamed_from")
    if isinstance(entry, RecurrenceEntry) and entry.adds_no_name:
        said = "a recurrence without a name has none in a checkpoint, and had none before"
        problems.error("conflict", said, place, part="key", help="write it on the layers inside")
        return ()
    if is_template(entry.name):
        said = (
            "each time of this repeat has a name of its own: one earlier name can't be all theirs"
        )
        problems.error("not-supported", said, place, part="key")
        return ()
    is_list = isinstance(problems.raw(place), list)
    for index, name in enumerate(entry.renamed_from):
        at = (*place, index) if is_list else place
        if not is_identifier(name) and not (name.isascii() and name.isdigit()):
            said = f"{shown(name)} was never a layer's name: names are identifiers, or numbers"
            dotted = "write the last part alone: what is around it says renamed_from itself"
            problems.error("bad-name", said, at, help=dotted if "." in name else None)
        if name in entry.renamed_from[:index]:
            problems.error("name-clash", f"{shown(name)} stands here twice", at)
    return entry.renamed_from
