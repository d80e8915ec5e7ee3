"""Two checked specs -> what changes from one to the other."""

from __future__ import annotations

from ...spec.record import Record
from ...spec.source import Document
from ..compile import Checked
from .callers import caller_changes, common_sizes, interface
from .change import KINDS, Change, Sides
from .checkpoints import checkpoint_changes
from .numerics import numeric_changes
from .pair import Side, side
from .suggest import suggested
from .training import training_changes


class Comparison(Record):
    """Two models, and all that changes between them, the most breaking first."""

    old: Side
    new: Side
    changes: tuple[Change, ...]


def compare(
    old: Checked, new: Checked, old_document: Document, new_document: Document
) -> Comparison:
    """What changes from the old spec to the new one."""
    sides = Sides(old_document, new_document)
    before, after = side(old.typed), side(new.typed)
    pairs, proposed = suggested(before, after)
    one, other = interface(old), interface(new)
    sizes = common_sizes(one, other)
    checkpoints, told = checkpoint_changes(before, after, pairs, proposed, sides)
    changes = [
        *checkpoints,
        *caller_changes(one, other, sizes, sides),
        *numeric_changes(before, after, pairs, sizes.forth.words, sides, told),
        *training_changes(before, after, (old, new), pairs, sides),
    ]
    ranked = sorted(changes, key=lambda one: (KINDS.index(one.kind), not one.breaks))
    return Comparison(before, after, tuple(ranked))
