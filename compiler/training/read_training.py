"""Document -> TrainingSpec: the sections of training, read by the classes that they name."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from ...spec.record import Record
from ...spec.training import Training
from ..elaborate.typed import Known
from ..resolve.problems import Problems
from .data_spec import Data
from .read_data import read_data
from .read_losses import read_losses
from .read_optimizers import OptimizerTable, read_optimizers
from .read_table import listed, read_table
from .training_spec import LossTerm

SECTIONS = ("data", "loss", "optimizer", "scheduler", "training")
_REQUIRED = ("data", "loss", "optimizer", "training")


class Sections(Record):
    """The sections of training as read; what was wrong is None and has been reported."""

    data: Data | None
    losses: tuple[LossTerm | None, ...]
    optimizers: tuple[OptimizerTable | None, ...]
    training: Training | None


def read_sections(
    problems: Problems,
    names: Sequence[str],
    inputs: tuple[str, ...],
    params: Mapping[str, Known],
    types: Container[str],
) -> Sections | None:
    """The sections of training, or None where there are none or one is missing.

    names: what expressions in losses may speak of. inputs, params: those of the model.
    types: what a pattern may name as the owner of a parameter.
    """
    present = [name for name in SECTIONS if name in problems.document.value]
    if not present:
        return None
    missing = [f"[{name}]" for name in _REQUIRED if name not in present]
    if missing:
        there = [f"[{name}]" for name in present]
        problems.error(
            "missing-section",
            f"{listed(missing)} {'are' if len(missing) > 1 else 'is'} missing: training needs"
            f" {listed([f'[{name}]' for name in _REQUIRED])}",
            (present[0],),
            part="key",
            help=f"add {listed(missing)}, or remove {listed(there)} to build the model alone",
        )
        return None
    table = problems.raw(("training",))
    written = table if isinstance(table, dict) else {}
    training = read_table(Training, written, ("training",), problems, what="[training]")
    return Sections(
        read_data(problems, inputs, params),
        read_losses(problems, names),
        read_optimizers(problems, types),
        training,
    )
