"""`[loss]`, read: each by the class that it names, or as a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...spec.kinds import Real, describe
from ...spec.names import refused_as_name, snake_case
from ...spec.source import Path
from ...spec.training_tables import FormulaLoss, LossKeys
from ..resolve.bound import Bound
from ..resolve.problems import Problems
from .read_table import named_class, read_table, split_keys, tables, unknown_name
from .training_spec import LossTerm

if TYPE_CHECKING:
    from ...spec.losses.base import Loss
    from ..resolve.graph import Node, Scope
    from .loss_layers import LayersReader
    from .loss_names import LossWords
    from .loss_scales import Scale

Table = Mapping[str, Any]


def read_losses(
    problems: Problems, words: LossWords
) -> tuple[tuple[LossTerm | None, ...], Scope | None]:
    """The losses, and their layers; what was wrong is None and has been reported.

    words: what expressions may speak of.
    """
    layers = _layers(problems, words)
    if layers is not None:
        words = words.replace(layers=layers.names)
    terms = _read_terms(problems, words)
    known = tuple(term for term in terms if term is not None)
    if layers is None or len(known) < len(terms):
        return terms, None
    _check_names(known, layers.nodes, words, problems)
    before = len(problems.found)
    scope = layers.scope(known, words)
    return terms, None if len(problems.found) > before else scope


def _layers(problems: Problems, words: LossWords) -> LayersReader | None:
    """The reader of the one list of layers, once it has read them."""
    places = [path for path, table in tables(problems, "loss") if "layers" in table]
    if not places:
        return None
    from .loss_layers import LayersReader

    for path in places[1:]:
        problems.error(
            "duplicate-key",
            "one of the losses has layers, which all may read",
            (*path, "layers"),
            part="key",
            labels=[((*places[0], "layers"), None, "here already")],
            help="write all layers there",
        )
    reader = LayersReader(places[0], words.scope(), words.typed, problems)
    outputs = words.typed.root.outputs
    reader.read(words.output if len(outputs) == 1 else None)
    return reader


def _check_names(
    terms: Sequence[LossTerm], layers: Sequence[Node], words: LossWords, problems: Problems
) -> None:
    """Reports losses that are called as a layer is, and layers that are called as the model's."""
    models = {name: node for node in words.typed.root.scope.nodes for name in node.names}
    for node in layers:
        for name in node.names:
            if name in models and name not in words.names:
                said = f"{name} is the name of a layer of the model, whose parameters a loss reads"
                labels = [(models[name].path, None, "the model's")]
                problems.error("name-clash", said, (*node.path, "name"), labels=labels)
    taken = {name: node for node in layers for name in (*node.names, node.attribute)}
    counted = {term.scale.counted for term in terms if not isinstance(term.scale, int | float)}
    for count in counted:
        if count is not None and count in taken:
            said = f"{count} is the name of a layer, and what a scale follows"
            problems.error("name-clash", said, taken[count].path)
    for term in terms:
        if term.name in taken:
            problems.error(
                "name-clash",
                f"{term.name} is the name of a layer and of a loss",
                term.path,
                labels=[(taken[term.name].path, None, "the layer")],
                help='give the loss another name: name = "…"',
            )


def _read_terms(problems: Problems, words: LossWords) -> tuple[LossTerm | None, ...]:
    terms = tuple(
        _read_loss(table, path, problems, words) for path, table in tables(problems, "loss")
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


def _read_loss(table: Table, path: Path, problems: Problems, words: LossWords) -> LossTerm | None:
    if "expr" in table:
        return _formula_term(table, path, problems, words)
    own, arguments = split_keys(table, LossKeys.model_fields)
    found: type[Loss] | None = named_class("losses", "a loss", path, problems)
    if found is None:
        return None
    loss, left_out = _arguments(found, arguments, path, problems)
    standard = snake_case(found.__name__.removesuffix("Loss"))
    name = _name(own.get("name", standard), path, words, problems)
    inputs = _read_inputs(own.get("inputs", {}), found, (*path, "inputs"), words, problems)
    if loss is None or name is None or inputs is None:
        return None
    scale = _scale(own.get("scale", 1.0), path, words, problems)
    return LossTerm(path, name, loss, None, scale, inputs, left_out)


def _arguments(
    found: type[Loss], arguments: Table, path: Path, problems: Problems
) -> tuple[Loss | None, tuple[str, ...]]:
    """The loss, and what is left out of its arguments."""
    keys = ("type", *LossKeys.model_fields)
    left_out = tuple(name for name in found.inferred() if name not in arguments)
    # They are told once the types of the outputs are known.
    given = {**dict.fromkeys(left_out, 1), **arguments}
    loss = read_table(found, given, path, problems, what=found.__name__, other_keys=keys)
    return loss, left_out


def read_alone(problems: Problems) -> None:
    """Reports what is wrong with the losses whatever the model is."""
    for path, table in tables(problems, "loss"):
        if "type" in table or not table.keys() & {"expr", "layers"}:
            found: type[Loss] | None = named_class("losses", "a loss", path, problems)
            if found is not None:
                _arguments(found, split_keys(table, LossKeys.model_fields)[1], path, problems)


def _read_inputs(
    value: object, loss: type[Loss], path: Path, words: LossWords, problems: Problems
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
            expression = _read_formula(text, (*path, key), words, problems)
            if expression is not None:
                found[key] = expression
    return found if len(found) == len(value) else None


def _formula_term(
    table: Table, path: Path, problems: Problems, words: LossWords
) -> LossTerm | None:
    own, arguments = split_keys(table, FormulaLoss.model_fields)
    for key in [*(("type",) if "type" in table else ()), *arguments]:
        problems.error(
            "unknown-key", f"{key} is not a key of a loss with expr", (*path, key), part="key"
        )
    if not isinstance(own["expr"], str):
        problems.error("wrong-type", "expr must be a string", (*path, "expr"))
        return None
    name = _name(own.get("name", "formula"), path, words, problems)
    expression = _read_formula(own["expr"], (*path, "expr"), words, problems)
    if name is None or expression is None:
        return None
    return LossTerm(
        path, name, None, expression, _scale(own.get("scale", 1.0), path, words, problems), {}
    )


def _read_formula(text: str, path: Path, words: LossWords, problems: Problems) -> Bound | None:
    # Imported where there is one: most losses have none.
    from .loss_formula import read_formula

    return read_formula(text, path, words.scope(), problems)


def _name(value: object, path: Path, words: LossWords, problems: Problems) -> str | None:
    if not isinstance(value, str):
        said = f"a name is a string, not {describe(value)}"
        problems.error("invalid-name", said, (*path, "name"))
        return None
    refused = refused_as_name(value)
    if value in ("output", *words.names):
        refused = "the loss calls what it compares so"
    elif value in words.typed.root.params:
        refused = "a param of the model is called so"
    if refused is None:
        return value
    problems.error("invalid-name", f"{value} is no name: {refused}", (*path, "name"))
    return None


def _scale(value: object, path: Path, words: LossWords, problems: Problems) -> float | Scale:
    if isinstance(value, str):
        # Imported where there is one: most scales are numbers.
        from .loss_scales import read_scale

        return read_scale(value, (*path, "scale"), words, problems)
    try:
        return Real().read(value)
    except ValueError as error:
        problems.error("invalid-value", f"scale {error}", (*path, "scale"))
        return 1.0
