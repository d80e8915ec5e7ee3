"""Optimizers that step on some of the losses alone: each loss is somebody's."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.metrics import METRICS
from ..resolve.problems import Problems
from .read_optimizers import OptimizerTable
from .read_table import unknown_name
from .training_spec import LossTerm

_TAKEN = ("count", "index", "loss", *METRICS)
"""What losses that are logged by name are not called: tuples and the log have these names."""


def check_own_losses(
    tables: Sequence[OptimizerTable], losses: Sequence[LossTerm | None], problems: Problems
) -> None:
    """Reports names that are no losses, and losses that no optimizer steps on."""
    own = [table for table in tables if table.losses is not None]
    known = [term for term in losses if term is not None]
    if not own or len(known) < len(losses):
        return
    for table in own:
        _check_names(table, [term.name for term in known], problems)
    for table in tables:
        if table.losses is None:
            problems.error(
                "contradicting-keys",
                "which losses does this optimizer step on? Another one says it",
                table.path,
                labels=[((*own[0].path, "loss"), None, "said here")],
                help=f'loss = "{known[0].name}", say; several optimizers may step on one loss',
            )
    taken = {name for table in own for _, name in table.losses or ()}
    for term in known:
        if term.name not in taken and len(own) == len(tables):
            problems.error(
                "uncovered",
                f"no optimizer steps on the loss {term.name}",
                term.path,
                labels=[((*own[-1].path, "loss"), None, "this one steps on others")],
                help="add it to the loss of an optimizer, or remove it",
            )
        if len(tables) > 1 and (term.name in _TAKEN or term.name.startswith("_")):
            problems.error(
                "invalid-name",
                f"{term.name} can't be logged by its name: it means something else there",
                (*term.path, "name"),
            )


def _check_names(table: OptimizerTable, known: Sequence[str], problems: Problems) -> None:
    names = [name for _, name in table.losses or ()]
    for index, (path, name) in enumerate(table.losses or ()):
        if name not in known:
            unknown_name(name, known, "a loss", path, problems)
        elif name in names[:index]:
            problems.error("duplicate-name", f"{name} is given twice", path)
