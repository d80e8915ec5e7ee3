"""Document -> TrainingSpec: the sections of training, read by the classes that they name."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ...spec.model import TRAINED
from ...spec.record import Record
from ...spec.training import Training
from ...spec.training_tables import Picture
from ..resolve.graph import Scope
from ..resolve.problems import Problems
from .data_spec import Data
from .loss_names import LossWords
from .read_data import read_data
from .read_losses import read_losses
from .read_metrics import read_metrics
from .read_optimizers import OptimizerTable, read_optimizers
from .read_pictures import read_pictures
from .read_table import listed, read_table
from .training_spec import LossTerm, MetricTerm

SECTIONS = ("data", "loss", "optimizer", "scheduler", "training")


class Sections(Record):
    """The sections of training as read; what was wrong is None and has been reported.

    layers: those of the losses, where they have some.
    """

    data: Data | None
    losses: tuple[LossTerm | None, ...]
    optimizers: tuple[OptimizerTable | None, ...]
    training: Training | None
    metrics: tuple[MetricTerm | None, ...]
    pictures: tuple[Picture | None, ...]
    layers: Scope | None = None


def read_sections(
    problems: Problems,
    words: LossWords,
    inputs: tuple[str, ...],
    types: Container[str],
) -> Sections | None:
    """The sections of training, or None where there are none or one is missing.

    words: what expressions in losses may speak of. inputs: those of the model.
    types: what a pattern may name as the owner of a parameter.
    """
    if not are_complete(problems):
        return None
    written, training = read_own(problems)
    data = read_data(problems, inputs, words.typed.root.params)
    losses, layers = read_losses(problems, words)
    return Sections(
        data,
        losses,
        read_optimizers(problems, types),
        training,
        read_metrics(written, words.names, problems),
        read_pictures(training.plots, problems) if training is not None else (),
        layers,
    )


def are_complete(problems: Problems) -> bool:
    """Whether there are all sections that training needs; reports those that are missing."""
    # An empty list is as many sections as none.
    present = [name for name in SECTIONS if problems.document.value.get(name, []) != []]
    if not present or not all(_is_table(problems.raw((name,))) for name in present):
        return False
    missing = [f"[{name}]" for name in TRAINED if name not in present]
    if missing:
        there = [f"[{name}]" for name in present]
        problems.error(
            "missing-section",
            f"{listed(missing)} {'are' if len(missing) > 1 else 'is'} missing: training needs"
            f" {listed([f'[{name}]' for name in TRAINED])}",
            (present[0],),
            part="key",
            help=f"add {listed(missing)}, or remove {listed(there)} to build the model alone",
        )
        return False
    return True


def read_own(problems: Problems) -> tuple[list[object], Training | None]:
    """The metrics as written, and `[training]`; None after reporting what is wrong with it."""
    table = problems.raw(("training",))
    written = table if isinstance(table, dict) else {}
    training = read_table(Training, written, ("training",), problems, what="[training]")
    # Keys that are misspelt are there now as they were meant.
    table = problems.raw(("training",))
    written = table if isinstance(table, dict) else {}
    _check_length(written, problems)
    metrics = written.get("metrics")
    listed: list[object] = [*metrics] if isinstance(metrics, list) else []
    return listed, training


def _is_table(section: object) -> bool:
    """Whether a section is a table or a list of them; what is not has been reported."""
    return isinstance(section, dict) or (
        isinstance(section, list) and all(isinstance(item, dict) for item in section)
    )


def _check_length(written: Mapping[str, object], problems: Problems) -> None:
    """Training is as long as a number of epochs, or of steps."""
    path = ("training",)
    if "epochs" in written and "steps" in written:
        problems.error(
            "contradicting-keys",
            "training is as long as epochs or as steps say, not both",
            (*path, "steps"),
            part="key",
            labels=[((*path, "epochs"), None, "epochs are given here")],
            help="remove one of them",
        )
    elif "epochs" not in written and "steps" not in written:
        problems.error(
            "missing-key",
            "[training] needs epochs or steps",
            path,
            part="key",
            help="add epochs = … or steps = …",
        )
    elif written.get("batch_size") == "all" and "steps" in written:
        problems.error(
            "contradicting-keys",
            'steps counts batches: with batch_size = "all" each epoch is a step',
            (*path, "steps"),
            part="key",
            help="say epochs instead",
        )
    log = written.get("log")
    if isinstance(log, dict) and "every" in log and "steps" not in written:
        problems.error(
            "contradicting-keys",
            "log.every counts steps: where training counts epochs, each is a row of the log",
            (*path, "log", "every"),
            part="key",
            help="remove every",
        )
