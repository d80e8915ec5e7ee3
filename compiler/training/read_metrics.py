"""`metrics` of `[training]`, read: each by the class that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...spec.kinds import describe
from ...spec.metrics import METRICS
from ...spec.names import is_identifier
from ...spec.source import Path
from ..resolve.bound import Bound
from ..resolve.problems import Problems
from .read_table import read_table, unknown_name
from .training_spec import MetricTerm

_KEYS: Final = ("type", "name", "inputs")


def read_metrics(
    values: Iterable[Any], names: tuple[str, ...] | None, problems: Problems
) -> tuple[MetricTerm | None, ...]:
    """The metrics, None for those with problems.

    names: what their expressions may speak of; None where that is not known, and these are not
        read.
    """
    found: list[MetricTerm | None] = []
    for index, value in enumerate(values):
        path: Path = ("training", "metrics", index)
        term = _metric(value, path, names, problems)
        if term is not None and any(other and other.name == term.name for other in found):
            named = isinstance(value, dict) and "name" in value
            problems.error(
                "duplicate-name",
                f"{term.name} is given twice",
                (*path, "name") if named else path,
                help=None if named else f'{{ type = "{term.metric.type_name()}", name = "…" }}',
            )
        found.append(term)
    return tuple(found)


def _metric(
    value: Any, path: Path, names: tuple[str, ...] | None, problems: Problems
) -> MetricTerm | None:
    table = value if isinstance(value, dict) else {"type": value}
    kind = table.get("type")
    if not isinstance(kind, str):
        said = f"a metric is a name, or a table with a type, not {describe(value)}"
        problems.error("invalid-value", said, path)
        return None
    if kind not in METRICS:
        place = (*path, "type") if table is value else path
        unknown_name(kind, METRICS, "a metric", place, problems)
        return None
    arguments = {key: item for key, item in table.items() if key not in _KEYS}
    metric = read_table(METRICS[kind], arguments, path, problems, what=kind, other_keys=_KEYS)
    name = table.get("name", kind)
    is_name = isinstance(name, str) and is_identifier(name) and name != "loss"
    if not is_name:
        said = f"a metric's name is a word other than loss, not {describe(name)}"
        problems.error("invalid-name", said, (*path, "name"))
    inputs = _inputs(table.get("inputs", {}), (*path, "inputs"), names, problems)
    if metric is None or inputs is None or not is_name:
        return None
    return MetricTerm(path, name, metric, inputs)


def _inputs(
    value: object, path: Path, names: tuple[str, ...] | None, problems: Problems
) -> Mapping[str, Bound] | None:
    """The expressions of what is compared, or None after reporting what is wrong with them."""
    is_table = isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    if not is_table or not isinstance(value, dict):
        said = f"inputs must be a table of expressions in strings, not {describe(value)}"
        problems.error("wrong-type", said, path, help='inputs = { input = "…", target = "…" }')
        return None
    # Imported where there is an expression: most metrics have none.
    from .loss_formula import names_alone, read_formula

    found: dict[str, Bound] = {}
    for key, text in value.items():
        if key not in ("input", "target"):
            place = (*path, key)
            unknown_name(
                key, ("input", "target"), "an input of a metric", place, problems, part="key"
            )
            continue
        if names is None:
            continue
        expression = read_formula(text, (*path, key), names_alone(names), problems)
        if expression is not None:
            found[key] = expression
    return found if len(found) == len(value) else None
