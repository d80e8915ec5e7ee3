"""The sections of training by themselves, where the model has a problem."""

from __future__ import annotations

from ...spec.source import Path
from ..elaborate.typed import Known
from ..resolve.patterns import OwnerTypes
from ..resolve.problems import Problems
from .check_training import check_names, read_schedulers_of
from .read_data import read_data
from .read_losses import read_alone
from .read_metrics import read_metrics
from .read_optimizers import read_optimizers
from .read_pictures import read_pictures
from .read_training import SECTIONS, are_complete, read_own


def check_alone(problems: Problems) -> None:
    """Reports what is wrong with the sections of training whatever the model is.

    Of the model this takes what is written: the names of its inputs, and its params.
    """
    root = problems.document.value
    if not isinstance(root.get("model"), dict) or not any(name in root for name in SECTIONS):
        return
    if not are_complete(problems):
        return
    blocks = root.get("blocks")
    types = OwnerTypes(blocks if isinstance(blocks, dict) else (), str(_raw(problems, "name")))
    metrics, training = read_own(problems)
    data = read_data(problems, _keys(problems, "inputs"), _params(problems))
    read_alone(problems)
    read_optimizers(problems, types)
    read_metrics(metrics, None, problems)
    if training is not None:
        read_pictures(training.plots, problems)
    read_schedulers_of(data, training, 1, problems)
    if training is not None:
        check_names(training, problems)


def _raw(problems: Problems, *path: str | int) -> object:
    place: Path = ("model", *path)
    return problems.raw(place)


def _keys(problems: Problems, name: str) -> tuple[str, ...]:
    """The names in a table of the model."""
    table = _raw(problems, name)
    listed = table if isinstance(table, dict | list) else ()
    return tuple(name for name in listed if isinstance(name, str))


def _params(problems: Problems) -> dict[str, Known]:
    params = {name: _raw(problems, "params", name) for name in _keys(problems, "params")}
    return {name: value for name, value in params.items() if isinstance(value, bool | int | float)}
