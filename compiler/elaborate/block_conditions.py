"""What a block says `where` its inputs' sizes may lie, held for each use."""

from __future__ import annotations

from ...spec.refusal import Refusal
from ...spec.tensor.check import need_at_least, need_equal
from ...spec.tensor.facts import Condition
from ..resolve.graph import Argument, Node, Scope
from ..resolve.problems import Problems
from .declare import conditions_of
from .evaluate import Evaluator
from .numbers import compare
from .places import said


def check_conditions(scope: Scope, evaluator: Evaluator, problems: Problems, node: Node) -> bool:
    """Whether the sizes of one use satisfy them; what some sizes satisfy becomes a need."""
    arguments = [argument for item in scope.inputs for argument in item.conditions]
    count = len(problems.found)
    for argument in arguments:
        for condition in conditions_of(argument, evaluator, problems):
            try:
                _need(condition, scope.name)
            except Refusal as refusal:
                _report(refusal, argument, problems, node)
    return len(problems.found) == count


def _report(refusal: Refusal, argument: Argument, problems: Problems, node: Node) -> None:
    problems.error(
        refusal.code,
        refusal.message,
        node.path,
        labels=[(argument.path, None, "asked for here")],
        help=refusal.help,
    )


def _need(condition: Condition, block: str) -> None:
    """Raises `Refusal` where the condition does not hold."""
    left, right = condition.left, condition.right
    what = f"{block} needs {said(left)} {condition.op} {said(right)}"
    match condition.op:
        case "==":
            need_equal(left, right, what)
        case "!=":
            if not compare("!=", left, right):
                raise Refusal(what, code="shape-mismatch")
        case "<" | "<=":
            need_at_least(right - left, int(condition.op == "<"), what)
        case ">" | ">=":
            need_at_least(left - right, int(condition.op == ">"), what)
