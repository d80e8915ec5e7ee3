"""`[loss]`, read: each by the class that it names, or as a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...spec.kinds import Real, describe
from ...spec.names import refused_as_name, snake_case
from ...spec.source import Path
from ..resolve.bound import Bound
from ..resolve.problems import Problems
from .read_table import named_class, read_table, split_keys, tables, unknown_name
from .training_spec import LossTerm

if TYPE_CHECKING:
    from ...spec.losses.base import Loss

Table = Mapping[str, Any]


def read_losses(problems: Problems, names: Sequence[str]) -> tuple[LossTerm | None, ...]:
    """The losses; what was wrong is None and has been reported.

    names: what expressions may speak of.
    """
    terms = tuple(
        _read_loss(table, path, problems, names) for path, table in tables(problems, "loss")
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


def _read_loss(
    table: Table, path: Path, problems: Problems, names: Sequence[str]
) -> LossTerm | None:
    if "expr" in table:
        return _formula_term(table, path, problems, names)
    own, arguments = split_keys(table, ("name", "scale", "inputs"))
    found: type[Loss] | None = named_class("losses", "a loss", path, problems)
    if found is None:
        return None
    keys = ("type", "name", "scale", "inputs")
    left_out = tuple(name for name in found.inferred() if name not in arguments)
    # They are told once the types of the outputs are known.
    given = {**dict.fromkeys(left_out, 1), **arguments}
    loss = read_table(found, given, path, problems, what=found.__name__, other_keys=keys)
    standard = snake_case(found.__name__.removesuffix("Loss"))
    name = _name(own.get("name", standard), path, names, problems)
    inputs = _read_inputs(own.get("inputs", {}), found, (*path, "inputs"), names, problems)
    if loss is None or name is None or inputs is None:
        return None
    scale = _scale(own.get("scale", 1.0), path, problems)
    return LossTerm(path, name, loss, None, scale, inputs, left_out)


def _read_inputs(
    value: object, loss: type[Loss], path: Path, names: Sequence[str], problems: Problems
) -> Mapping[str, Bound] | None:
    """What is written of a loss's inputs, or None after reporting what is wrong with it."""
    if not isinstance(value, dict):
        first = loss.forward_inputs[0]
        said = f"inputs must be a table of expressions, not {describe(value)}"
        problems.error("wrong-type", said, path, help=f'inputs = {{ {first} = "…" }}')
        return None
    found: dict[str, Bound] = {}
    for key, text in value.items():
        if key not in loss.forward_inputs:
            what = f"an input of {loss.__name__}"
            unknown_name(key, loss.forward_inputs, what, (*path, key), problems, part="key")
        elif not isinstance(text, str):
            said = f"{key} must be an expression in a string, not {describe(text)}"
            problems.error("wrong-type", said, (*path, key))
        else:
            expression = _read_formula(text, (*path, key), names, problems)
            if expression is not None:
                found[key] = expression
    return found if len(found) == len(value) else None


def _formula_term(
    table: Table, path: Path, problems: Problems, names: Sequence[str]
) -> LossTerm | None:
    own, arguments = split_keys(table, ("name", "scale", "expr"))
    for key in [*(("type",) if "type" in table else ()), *arguments]:
        problems.error(
            "unknown-key", f"{key} is not a key of a loss with expr", (*path, key), part="key"
        )
    if not isinstance(own["expr"], str):
        problems.error("wrong-type", "expr must be a string", (*path, "expr"))
        return None
    name = _name(own.get("name", "formula"), path, names, problems)
    expression = _read_formula(own["expr"], (*path, "expr"), names, problems)
    if name is None or expression is None:
        return None
    return LossTerm(path, name, None, expression, _scale(own.get("scale", 1.0), path, problems), {})


def _read_formula(text: str, path: Path, names: Sequence[str], problems: Problems) -> Bound | None:
    # Imported where there is one: most losses have none.
    from .loss_formula import read_formula

    return read_formula(text, path, tuple(names), problems)


def _name(value: object, path: Path, names: Sequence[str], problems: Problems) -> str | None:
    refused = refused_as_name(value) if isinstance(value, str) else "a name is a string"
    if value in ("output", *names):
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
