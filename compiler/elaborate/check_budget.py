"""`[budget]`: limits on parameters and cost that `check` holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ...spec.model import Budget
from ...spec.tensor.dim import Dim
from ..resolve.problems import Problems
from .summarize import total_flops
from .typed import TypedGraph, own_leaves

_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_LIMIT: Final = re.compile(r"\s*(<=|<)\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)\s*")


def check_budget(budget: Budget, typed: TypedGraph, problems: Problems) -> None:
    """Reports what a model exceeds, and limits that can't be read."""
    if _is_unknown(budget, typed, problems):
        return
    sizes = _sizes(budget, typed, problems)
    parameters = sum(int(entry.type.numel()) for entry in typed.parameters().values())
    if budget.parameters is not None:
        _hold("parameters", budget.parameters, Dim.of(parameters), {}, problems)
    if budget.flops is not None and sizes is not None:
        _hold("flops", budget.flops, total_flops(typed), sizes, problems)


def _is_unknown(budget: Budget, typed: TypedGraph, problems: Problems) -> bool:
    """Whether a layer from a file of one's own has what only torch can count; reported."""
    own = own_leaves(typed.root)
    if not own:
        return False
    kind = type(own[0].typed.layer).__name__
    said = f"can't be held: those of {own[0].path} ({kind}, from a file of one's own) are not known"
    for name, limit in (("parameters", budget.parameters), ("flops", budget.flops)):
        if limit is not None:
            problems.error("unknown-cost", f"a limit on {name} {said}", ("budget", name))
    return True


def _sizes(budget: Budget, typed: TypedGraph, problems: Problems) -> dict[str, int] | None:
    known = typed.root.scope.sizes
    for name in budget.at:
        if name not in known:
            problems.error(
                "unknown-name",
                f"the model has no size {name}",
                ("budget", "at", name),
                part="key",
                help=f"its sizes: {', '.join(known) or 'none'}",
            )
            return None
    if typed.facts is None:
        return dict(budget.at)
    missing = [name for name in known if name not in budget.at]
    if missing or not typed.facts.holds(budget.at):
        said = f"need {', '.join(missing)} too" if missing else "do not satisfy the model's where"
        problems.error("invalid-value", f"the sizes of the budget {said}", ("budget", "at"))
        return None
    return typed.facts.new_sizes(budget.at)


def _hold(name: str, text: str, amount: Dim, sizes: Mapping[str, int], problems: Problems) -> None:
    limit = _LIMIT.fullmatch(text)
    if limit is None:
        problems.error("invalid-value", f'{text} is no limit; write "<= 12M"', ("budget", name))
        return
    missing = sorted({symbol.name for symbol in amount.symbols} - sizes.keys())
    if missing:
        problems.error(
            "missing-key",
            f"the {name} depend on {', '.join(missing)}: say for which sizes the limit is meant",
            ("budget", name),
            help=f"at = {{ {', '.join(f'{size} = …' for size in missing)} }}",
        )
        return
    value = amount.evaluate(sizes)
    most = float(limit[2]) * _UNITS[limit[3]]
    if value > most or (limit[1] == "<" and value == most):
        problems.error(
            "over-budget", f"the model has {value:,} {name}, the budget is {text}", ("budget", name)
        )
