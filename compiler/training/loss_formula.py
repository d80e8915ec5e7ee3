"""Expressions in `[loss]`: mathematics on the model's inputs and outputs, and the target."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec.expression.parser import ExpressionError, parse
from ...spec.source import Path
from ...spec.tensor.dtype import is_floating_point
from ...spec.tensor.type import TensorType
from ..elaborate.describe import describe
from ..elaborate.environment import Environment
from ..elaborate.evaluate import Evaluator, Located, Unknown
from ..elaborate.typed import Known
from ..resolve.bind import Names
from ..resolve.bound import Bound
from ..resolve.problems import Problems


def read_formula(text: str, path: Path, names: tuple[str, ...], problems: Problems) -> Bound | None:
    """The expression with its names bound; None after reporting why it has no meaning.

    names: what it may speak of.
    """
    try:
        expression = parse(text)
    except ExpressionError as error:
        problems.error("syntax", error.message, path, within=error.at, help=error.help)
        return None
    scope = Names(names, {}, (), {})
    bound = scope.bind(expression)
    for slip in scope.errors:
        problems.error(
            slip.code,
            slip.message,
            path,
            within=slip.at,
            help=slip.help,
            replacement=slip.replacement,
        )
    return None if scope.errors else bound


def evaluate(formula: Bound, types: Mapping[str, Known]) -> Known:
    """What a formula gives. Raises `Located` where torch would refuse it."""
    return _evaluator(types).evaluate(formula)


def check_formula(
    formula: Bound, path: Path, types: Mapping[str, Known], problems: Problems
) -> None:
    """Reports a formula that torch would refuse, or that gives no single number."""
    try:
        value = evaluate(formula, types)
    except Unknown:
        return
    except Located as fault:
        refusal = fault.refusal
        at = fault.at if fault.at != (0, 0) else None
        problems.error(refusal.code, refusal.message, path, within=at, help=refusal.help)
        return
    is_loss = isinstance(value, TensorType) and not value.rank and is_floating_point(value.dtype)
    if not is_loss:
        problems.error(
            "not-a-number",
            f"a loss is a single number, this is {describe(value)}",
            path,
            help="take its mean: mean(…)",
        )


def _evaluator(types: Mapping[str, Known]) -> Evaluator:
    def absent(*_: object) -> TensorType:
        raise Unknown

    return Evaluator(Environment(types, {}, {}, {}, absent, absent))
