"""Which rules for first values need no test, and which need one for each module alone.

Rules are alike for all numbers that callers may give but for indices in names; so what they match
in the model as the spec has it decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from ..resolve.graph import InitRule
from ..resolve.patterns import Pattern
from .pattern_code import tests_alike
from .plan_tensors import RECURRENT
from .sure_parameters import Owned


def split_alone(
    rules: Sequence[InitRule], parameters: Sequence[Owned], is_told: Callable[[InitRule], bool]
) -> tuple[list[InitRule], list[InitRule]]:
    """The rules for parameters that no other rule fills and that can be told; and the others."""
    matched = [_matched([p for _, p in rule.patterns], parameters) for rule in rules]
    alone: list[InitRule] = []
    others: list[InitRule] = []
    for place, rule in enumerate(rules):
        elsewhere = set[Owned]().union(*matched[:place], *matched[place + 1 :])
        is_alone = is_told(rule) and not elsewhere & matched[place]
        (alone if is_alone else others).append(rule)
    return alone, others


def entry_covered(pattern: Pattern) -> str | None:
    """The entry of the model all of whose parameters a pattern matches: `heads.*`."""
    entry, dot, rest = (pattern.glob or "").partition(".")
    is_covered = pattern.type is None and dot and rest == "*" and entry.isidentifier()
    return entry if is_covered else None


def goes_by_modules(patterns: Sequence[Pattern], parameters: Sequence[Owned]) -> bool:
    """Whether the first pattern that matches a module's type and name is right for all of its
    parameters."""
    for pattern in patterns:
        if pattern.type is None or "*" in pattern.parameter or pattern.type in RECURRENT:
            return False
    groups: dict[tuple[str | None, str | None], set[str]] = {}
    for pattern in patterns:
        owned = [name for name, owner in parameters if owner == pattern.type]
        modules = [name.rpartition(".")[0] for name in owned]
        glob = pattern.glob
        if glob is not None and not all(map(tests_alike, [glob] * len(owned), modules, owned)):
            return False
        group = groups.setdefault((glob, pattern.type), set())
        group |= {name.rpartition(".")[0] for name, _ in _matched([pattern], parameters)}
    return not any(one & other for one, other in combinations(groups.values(), 2))


def _matched(patterns: Sequence[Pattern], parameters: Sequence[Owned]) -> set[Owned]:
    return {item for item in parameters if any(pattern.matches(*item) for pattern in patterns)}
