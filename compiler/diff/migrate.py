"""Two checked specs -> the text of `migrate.py`."""

from __future__ import annotations

from collections.abc import Sequence

from ..compile import Checked
from ..emit.render import render
from ..plan_training.plan_predict import kept
from ..write import stamp
from .compare import Comparison
from .migration import migration
from .plan_migration import plan_migration


def migrate(
    old: Checked,
    new: Checked,
    found: Comparison,
    spec_name: str,
    fresh: Sequence[str],
    drop: Sequence[str],
) -> str | None:
    """The program that carries weights over; None where they load as they are.

    fresh, drop: as `migration` takes them. Raises `NotCarriedError`.
    """
    way = migration(found.old, found.new, fresh, drop)
    if not way.is_needed:
        return None
    had_more, has_more = (bool(one.training and kept(one.training)) for one in (old, new))
    plan = plan_migration(way, new.spec.model.name, (had_more, has_more))
    return stamp(render(plan)["migrate.py"], spec_name, (), again="specc diff --migrate")
