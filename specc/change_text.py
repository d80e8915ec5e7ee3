"""What changes between two specs, as a reviewer's note and in the forms that programs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .compiler.diff.change import KINDS, Change, Kind
from .render import json_place, place_text
from .snippet import visible
from .spec.diagnostic import Diagnostic, Label
from .spec.record import Record

_MOST: Final = 8
"""How many names of one change are told."""
_BREAKS: Final[Mapping[Kind, str]] = {
    "checkpoints": "Checkpoints break: weights that were kept do not load as they are",
    "callers": "Callers break: code that uses the package fails, or gets something else",
}
_DIFFERS: Final[Mapping[Kind, str]] = {
    "checkpoints": "Checkpoints load",
    "callers": "Callers may do more, and nothing less",
    "numerics": "Numerics differ: the same shapes, another computation",
    "training": "Training differs",
}


class Told(Record):
    """What is told: the changes, the names of both specs, what their texts are, what is allowed."""

    old: str
    new: str
    changes: Sequence[Change]
    texts: Mapping[str, str]
    allowed: frozenset[Kind]

    def fails(self, change: Change) -> bool:
        """Whether a change is a finding."""
        return change.breaks and change.kind not in self.allowed


def as_text(told: Told) -> str:
    """Paragraphs by whom it concerns, the most breaking first."""
    lines = [visible(f"{told.new}, which was {told.old}")]
    for kind in KINDS:
        changes = [change for change in told.changes if change.kind == kind]
        if changes:
            lines += ["", _heading(kind, changes, told)]
            lines += [line for change in changes for line in _lines(change, told.texts)]
    if not told.changes:
        lines += ["", "Nothing changes for checkpoints, callers, numerics or training."]
    return "\n".join(lines) + "\n"


def _heading(kind: Kind, changes: Sequence[Change], told: Told) -> str:
    if not any(change.breaks for change in changes):
        return f"{_DIFFERS[kind]}."
    return f"{_BREAKS[kind]}{' (allowed)' if kind in told.allowed else ''}."


def _lines(change: Change, texts: Mapping[str, str]) -> Iterator[str]:
    yield visible(f"  {change.message}")
    new, old = (place_text(span, texts) for span in (change.new, change.old))
    if new and old:
        yield f"      at {new}, was at {old}"
    elif new or old:
        yield f"      at {new}" if new else f"      was at {old}"
    for text in change.details[:_MOST]:
        yield visible(f"      - {text}")
    if len(change.details) > _MOST:
        yield f"      - and {len(change.details) - _MOST} more"
    if change.help:
        yield visible(f"      help: {change.help}")


def as_json(told: Told) -> str:
    """The changes with their places; `breaks` are the kinds that make the command fail."""
    import json

    failing = {change.kind for change in told.changes if told.fails(change)}
    found = {
        "old": told.old,
        "new": told.new,
        "breaks": [kind for kind in KINDS if kind in failing],
        "changes": [_json_change(change, told.texts) for change in told.changes],
    }
    return json.dumps(found, indent=2) + "\n"


def _json_change(change: Change, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "code": change.code,
        "breaks": change.breaks,
        "message": change.message,
        "details": list(change.details),
        "help": change.help,
        "old": json_place(change.old, texts),
        "new": json_place(change.new, texts),
    }


def as_diagnostics(told: Told) -> list[Diagnostic]:
    """The changes as problems, for the forms in which problems are told: what fails is an error."""
    return [_diagnostic(change, told) for change in told.changes]


def _diagnostic(change: Change, told: Told) -> Diagnostic:
    message = "; ".join([change.message, *change.details[:_MOST]])
    labels = (Label(change.old, "was here"),) if change.new and change.old else ()
    return Diagnostic(
        f"{change.kind}-{change.code}",
        message,
        change.new or change.old,
        labels=labels,
        help=change.help,
        severity="error" if told.fails(change) else "warning",
    )
