"""Expressions in `[loss]`: mathematics on what goes in and out of a model, and the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ...spec.expression.parser import ExpressionError, parse
from ...spec.record import Record
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


class Types(Record):
    """What names stand for: values with their types, and params with what they are.

    layers: what the layers of the loss give, where it has some.
    """

    values: Mapping[str, Known]
    params: Mapping[str, Known] = MappingProxyType({})
    layers: Environment | None = None


def names_alone(names: tuple[str, ...]) -> Names:
    """A scope of nothing but values."""
    return Names(names, {}, (), {})


def read_formula(text: str, path: Path, scope: Names, problems: Problems) -> Bound | None:
    """The expression with its names bound; None after reporting why it has no meaning.

    scope: what it may speak of.
    """
    try:
        expression = parse(text)
    except ExpressionError as error:
        problems.error("syntax", error.message, path, within=error.at, help=error.help)
        return None
    scope.errors = []
    bound = scope.bind(expression)
    slips, scope.errors = scope.errors, []
    for slip in slips:
        problems.error(
            slip.code,
            slip.message,
            path,
            within=slip.at,
            help=slip.help,
            replacement=slip.replacement,
            labels=[(slip.other, None, "this one")] if slip.other else [],
        )
    return None if slips else bound


def evaluate(formula: Bound, types: Types) -> Known:
    """What a formula gives. Raises `Located` where torch would refuse it."""
    return _evaluator(types).evaluate(formula)


def check_formula(formula: Bound, path: Path, types: Types, problems: Problems) -> None:
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


def _evaluator(types: Types) -> Evaluator:
    def absent(*_: object) -> TensorType:
        raise Unknown

    if types.layers is not None:
        return Evaluator(replace(types.layers, inputs=types.values))
    return Evaluator(Environment(types.values, {}, types.params, {}, absent, absent))
