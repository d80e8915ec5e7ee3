"""`[optimizer]` or several -> what each is, and the patterns of the parameters that it trains."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from ...spec.record import Record
from ...spec.source import Path
from ...spec.training_tables import GroupKeys, OptimizerKeys
from ..resolve.patterns import Pattern, read_pattern
from ..resolve.problems import Problems
from .read_table import listed, named_class, read_table, split_keys, tables

if TYPE_CHECKING:
    from ...spec.optimizers.base import Optimizer

Table = Mapping[str, Any]
Patterns = tuple[tuple[Path, Pattern], ...]


class GroupTable(Record):
    """An entry of `param_groups`: the parameters that match, and the settings that differ."""

    path: Path
    patterns: Patterns
    settings: Mapping[str, object]


class OptimizerTable(Record):
    """An `[optimizer]`. Without patterns it trains what no other one matches.

    losses: the names of those that it steps on, with their places; None for all.
    """

    path: Path
    optimizer: Optimizer
    patterns: Patterns
    groups: tuple[GroupTable, ...]
    losses: tuple[tuple[Path, str], ...] | None = None


def read_optimizers(problems: Problems, types: Container[str]) -> tuple[OptimizerTable | None, ...]:
    """The optimizers as read; what was wrong is None and has been reported.

    types: what a pattern may name as the owner of a parameter.
    """
    return tuple(
        _read_optimizer(table, path, problems, types)
        for path, table in tables(problems, "optimizer")
    )


def _read_optimizer(
    table: Table, path: Path, problems: Problems, types: Container[str]
) -> OptimizerTable | None:
    own, arguments = split_keys(table, OptimizerKeys.model_fields)
    found: type[Optimizer] | None = named_class("optimizers", "an optimizer", path, problems)
    if found is None:
        return None
    keys = ("type", *OptimizerKeys.model_fields)
    optimizer = read_table(found, arguments, path, problems, what=found.__name__, other_keys=keys)
    patterns: Patterns | None = ()
    if "match" in own:
        patterns = _read_match(own["match"], path, problems, types)
    groups = own.get("param_groups", [])
    if not isinstance(groups, list):
        problems.error("wrong-type", "param_groups must be a list", (*path, "param_groups"))
        return None
    if optimizer is None or patterns is None:
        return None
    if groups and not found.takes_groups:
        problems.error(
            "invalid-value",
            f"{found.__name__} trains all parameters by the same settings: torch refuses groups",
            (*path, "param_groups"),
            part="key",
        )
        return None
    places = [(*path, "param_groups", index) for index in range(len(groups))]
    read = [_read_group(optimizer, place, problems, types) for place in places]
    made = tuple(group for group in read if group is not None)
    losses = _read_losses(own["loss"], path, problems) if "loss" in own else None
    return OptimizerTable(path, optimizer, patterns, made, losses)


def _read_losses(
    value: object, path: Path, problems: Problems
) -> tuple[tuple[Path, str], ...] | None:
    """One name, or a list of them."""
    place = (*path, "loss")
    if isinstance(value, str):
        return ((place, value),)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(((*place, index), item) for index, item in enumerate(value))
    problems.error(
        "invalid-value",
        "loss is the name of a loss that this optimizer steps on, or a list of them",
        place,
        help='such as loss = ["real", "fake"]',
    )
    return None


def _read_match(
    value: object, path: Path, problems: Problems, types: Container[str]
) -> Patterns | None:
    """One pattern, or a list of them."""
    place = (*path, "match")
    if isinstance(value, str):
        return ((place, read_pattern(value, types)),)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(
            ((*place, index), read_pattern(item, types)) for index, item in enumerate(value)
        )
    problems.error(
        "invalid-value",
        "match is a pattern for parameters, or a list of them",
        place if value is not None else path,
        help='such as match = "*.bias" or match = "LayerNorm.*"',
    )
    return None


def _read_group(
    optimizer: Optimizer, path: Path, problems: Problems, types: Container[str]
) -> GroupTable | None:
    table = problems.raw(path)
    own, settings = split_keys(table if isinstance(table, dict) else {}, GroupKeys.model_fields)
    patterns = _read_match(own.get("match"), path, problems, types)
    if patterns is None:
        return None
    kind = type(optimizer)
    shared = [name for name in settings if name in kind.shared]
    for name in shared:
        problems.error(
            "invalid-value",
            f"{kind.__name__} has one {name} for all parameters: torch ignores that of a group",
            (*path, name),
            part="key",
        )
    merged = {**optimizer.given(), **settings}
    keys = GroupKeys.model_fields
    made = read_table(kind, merged, path, problems, what=kind.__name__, other_keys=keys)
    if made is None or shared:
        return None
    return GroupTable(path, patterns, {name: value for name, value in made if name in settings})


def check_alone(read: tuple[OptimizerTable | None, ...], problems: Problems) -> None:
    """Reports optimizers that can't stand beside others."""
    for table in read:
        if table is None or len(read) == 1 or not table.optimizer.takes_closure:
            continue
        others = [type(other.optimizer).__name__ for other in read if other not in (table, None)]
        problems.error(
            "several-optimizers",
            f"{type(table.optimizer).__name__} computes the loss several times in a step, which"
            f" leaves no gradients for {listed(others) if others else 'others'}",
            (*table.path, "type"),
        )
