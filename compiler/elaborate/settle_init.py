"""Checks that rules for first values, and ties, fit the parameters of the typed model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ValidationError

from ...spec import registry
from ...spec.layers.base import StateEntry
from ...spec.refusal import Refusal
from ...spec.tensor.type import shape_text
from ..resolve.graph import InitRule, Tie
from ..resolve.patterns import Pattern
from ..resolve.problems import Part, Problems
from .evaluate import Evaluator, Unknown
from .read_argument import read_all
from .typed import Leaf


def check_rule(rule: InitRule, evaluator: Evaluator, problems: Problems) -> object | None:
    """The initialiser of a rule, or None after reporting why there is none."""
    try:
        values: dict[str, Any] = dict(read_all(rule.arguments, evaluator, problems))
    except Unknown:
        return None
    try:
        return rule.function(**values)
    except ValidationError as error:
        for details in error.errors(include_url=False, include_context=False):
            name = str(details["loc"][0]) if details["loc"] else ""
            said = details["msg"].removeprefix("Value error, ")
            missing = details["type"] == "missing"
            problems.error(
                "missing-argument" if missing else "invalid-value",
                f"{rule.function.torch_name()} needs {name}"
                if missing
                else f"{name} of {rule.function.torch_name()} {said}",
                rule.path if missing else (*rule.path, name),
            )
        return None


def settle_rules(
    rules: Sequence[InitRule],
    exclusive: bool,
    leaves: Sequence[Leaf],
    tied: Mapping[str, str],
    evaluator: Evaluator,
    problems: Problems,
) -> None:
    """Reports patterns that match nothing, and tensors that a function does not take.

    exclusive: whether two rules may not match the same tensor, as in a table.
    """
    parameters = [
        item
        for leaf in leaves
        for item in leaf.unparametrized()
        if item[2].trainable and item[0] not in tied
    ]
    taken: dict[str, InitRule] = {}
    for rule in rules:
        made = check_rule(rule, evaluator, problems)
        for path, pattern in rule.patterns:
            matched = [item for item in parameters if pattern.matches(item[0], item[1])]
            if not matched:
                problems.error(
                    "unmatched-pattern",
                    "this pattern matches no parameter",
                    path,
                    part="key",
                    help=_own_help(pattern, leaves),
                )
            for name, _, entry in matched:
                if name in taken:
                    if exclusive and taken[name] is not rule:
                        _report_overlap(name, rule, taken[name], problems)
                    continue
                taken[name] = rule
                if made is not None:
                    _check_tensor(name, entry, rule, problems)


def _own_help(pattern: Pattern, leaves: Sequence[Leaf]) -> str | None:
    """What to do where a pattern may mean what a layer from a file of one's own holds."""
    for leaf in leaves:
        layer = leaf.typed.layer
        if layer is not None and layer.is_own and pattern.reaches(leaf.path):
            kind = type(layer).__name__
            return f"what {kind} at {leaf.path} holds gets its first values in its own file"
    return None


def _report_overlap(name: str, rule: InitRule, other: InitRule, problems: Problems) -> None:
    problems.error(
        "ambiguous-pattern",
        f"two rules match {name}, and order in a table means nothing",
        rule.path,
        part="key",
        labels=[(other.path, None, "the other one")],
        help="write a list: init = [{ match = …, type = … }, …]; there the first match counts",
    )


def _check_tensor(name: str, entry: StateEntry, rule: InitRule, problems: Problems) -> None:
    try:
        rule.function.check(rule.function.model_construct(), entry.type)
    except Refusal as refusal:
        problems.error(refusal.code, f"{name}: {refusal.message}", rule.path)


def settle_ties(
    ties: Sequence[Tie],
    state: Mapping[str, StateEntry],
    own: Sequence[str],
    problems: Problems,
) -> dict[str, str]:
    """The ties that hold; reports unknown names and unequal types.

    own: the paths of layers from files of one's own, whose parameters are not known here.
    """
    settled: dict[str, str] = {}
    for tie in ties:
        known = [_known(name, tie, state, own, problems) for name in (tie.name, tie.target)]
        if not all(known):
            continue
        left, right = state[tie.name].type, state[tie.target].type
        if left != right:
            problems.error(
                "shape-mismatch",
                f"{tie.name} is {shape_text(left.shape)} {left.dtype},"
                f" {tie.target} is {shape_text(right.shape)} {right.dtype}: they can't be one",
                tie.path,
            )
        elif tie.target in settled or tie.name == tie.target:
            problems.error("conflict", f"{tie.target} is itself tied", tie.path)
        else:
            settled[tie.name] = tie.target
    return settled


def _known(
    name: str,
    tie: Tie,
    state: Mapping[str, StateEntry],
    own: Sequence[str],
    problems: Problems,
) -> bool:
    if name in state and state[name].trainable:
        return True
    part: Part = "key" if name == tie.name else "value"
    owner, _, tensor = name.rpartition(".")
    if any(other.startswith(f"{owner}.parametrizations.{tensor}.") for other in state):
        problems.error(
            "not-supported",
            f"{name} is parametrized, computed from other parameters: it can't be tied",
            tie.path,
            part=part,
            help="tie weights that are not parametrized, or call the layer again",
        )
        return False
    close, meant = registry.closest(name, state), registry.slip(name, state)
    outer = next((path for path in own if name.startswith(f"{path}.")), None)
    problems.error(
        "unknown-name",
        f"the model has no parameter {name}"
        if outer is None
        else f"{name} can't be tied: what {outer} holds is known to its own file alone",
        tie.path,
        part=part,
        help=f"did you mean {close}?" if close else None,
        replacement=f'"{meant}"' if meant else None,
    )
    return False
