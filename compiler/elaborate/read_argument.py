"""What arguments give, problems reported at their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ...spec.source import Path
from ..resolve.graph import Argument, BlockUse, ModuleUse
from ..resolve.problems import Problems
from .evaluate import Evaluator, Located, Unknown
from .formulas import as_written
from .typed import Known

K = TypeVar("K")


def read_argument(
    argument: Argument,
    evaluator: Evaluator,
    problems: Problems,
    labels: Sequence[tuple[Path, None, str]] = (),
) -> Known:
    """What an argument gives. Raises `Unknown` after reporting why it gives nothing.

    labels: further places that a problem is shown with.
    """
    if isinstance(argument.value, tuple):
        items = read_all(dict(enumerate(argument.value)), evaluator, problems)
        return tuple(items.values())
    if isinstance(argument.value, ModuleUse | BlockUse):
        # Imported where a param is a module: in most specs none is.
        from .module_params import module_value

        return module_value(argument.value, evaluator, problems)
    evaluator.environment.place = argument.path
    try:
        value = evaluator.evaluate(argument.value)
        return as_written(value, argument.value, evaluator.environment.index)
    except Located as fault:
        refusal = fault.refusal
        other = [(argument.path, fault.other, "the other half")] if fault.other else []
        problems.error(
            refusal.code,
            refusal.message,
            argument.path,
            within=fault.at if fault.at != (0, 0) else None,
            labels=[*other, *labels],
            help=refusal.help,
        )
        raise Unknown from None


def read_all(
    arguments: Mapping[K, Argument], evaluator: Evaluator, problems: Problems
) -> dict[K, Known]:
    """What each argument gives. Raises `Unknown` once all have been read and some gave nothing."""
    known: dict[K, Known] = {}
    for key, argument in arguments.items():
        try:
            known[key] = read_argument(argument, evaluator, problems)
        except Unknown:
            continue
    if len(known) < len(arguments):
        raise Unknown
    return known
