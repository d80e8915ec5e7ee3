"""Document -> TrainingSpec: the sections of training, read by the classes that they name."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from ...spec.kinds import Real
from ...spec.names import refused_as_name, snake_case
from ...spec.record import Record
from ...spec.source import Path
from ...spec.training import Training
from ..resolve.problems import Problems
from .read_data import Data, read_data
from .read_optimizers import OptimizerTable, read_optimizers
from .read_table import listed, named_class, read_table, split_keys, tables
from .training_spec import LossTerm

if TYPE_CHECKING:
    from ...spec.losses.base import Loss

Table = Mapping[str, Any]
SECTIONS = ("data", "loss", "optimizer", "scheduler", "training")
_REQUIRED = ("data", "loss", "optimizer", "training")


class Sections(Record):
    """The sections of training as read; what was wrong is None and has been reported."""

    data: Data | None
    losses: tuple[LossTerm | None, ...]
    optimizers: tuple[OptimizerTable | None, ...]
    training: Training | None


def read_sections(problems: Problems, output: str, types: Container[str]) -> Sections | None:
    """The sections of training, or None where there are none or one is missing.

    output: the name of the model's output, for losses that are formulas.
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
    training = read_table(
        Training, _table(problems, ("training",)), ("training",), problems, what="[training]"
    )
    return Sections(
        read_data(problems),
        _read_losses(problems, output),
        read_optimizers(problems, types),
        training,
    )


def _table(problems: Problems, path: Path) -> Table:
    value = problems.raw(path)
    return value if isinstance(value, dict) else {}


def _read_losses(problems: Problems, output: str) -> tuple[LossTerm | None, ...]:
    terms = tuple(
        _read_loss(table, path, problems, output) for path, table in tables(problems, "loss")
    )
    seen: dict[str, Path] = {}
    for term in terms:
        if term is not None and term.name in seen:
            problems.error(
                "duplicate-name",
                f"two losses are called {term.name}",
                term.path,
                labels=[(seen[term.name], None, "the other one")],
                help='give one a name: name = "…"',
            )
        elif term is not None:
            seen[term.name] = term.path
    return terms


def _read_loss(table: Table, path: Path, problems: Problems, output: str) -> LossTerm | None:
    own, arguments = split_keys(table, ("name", "scale", "expr"))
    scale = _scale(own.get("scale", 1.0), path, problems)
    if "expr" in own:
        return _formula_term(table, own, arguments, scale, path, problems, output)
    found: type[Loss] | None = named_class("losses", "a loss", path, problems)
    if found is None:
        return None
    keys = ("type", "name", "scale")
    loss = read_table(found, arguments, path, problems, what=found.__name__, other_keys=keys)
    name = _name(own.get("name", snake_case(found.__name__.removesuffix("Loss"))), path, problems)
    if loss is None or name is None:
        return None
    return LossTerm(path, name, loss, None, scale)


def _formula_term(
    table: Table,
    own: Table,
    arguments: Table,
    scale: float,
    path: Path,
    problems: Problems,
    output: str,
) -> LossTerm | None:
    for key in [*(("type",) if "type" in table else ()), *arguments]:
        problems.error(
            "unknown-key", f"{key} is not a key of a loss with expr", (*path, key), part="key"
        )
    if not isinstance(own["expr"], str):
        problems.error("wrong-type", "expr must be a string", (*path, "expr"))
        return None
    name = _name(own.get("name", "formula"), path, problems)
    from .loss_formula import read_formula

    expression = read_formula(own["expr"], (*path, "expr"), (output, "target"), problems)
    if name is None or expression is None:
        return None
    return LossTerm(path, name, None, expression, scale)


def _name(value: object, path: Path, problems: Problems) -> str | None:
    refused = refused_as_name(value) if isinstance(value, str) else "a name is a string"
    if value in ("output", "target"):
        refused = "the loss calls what it compares so"
    if refused is None:
        return str(value)
    problems.error("invalid-name", f"{value} is no name: {refused}", (*path, "name"))
    return None


def _scale(value: object, path: Path, problems: Problems) -> float:
    try:
        return Real().read(value)
    except ValueError as error:
        problems.error("invalid-value", f"scale {error}", (*path, "scale"))
        return 1.0
