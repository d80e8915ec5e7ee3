"""`[budget]` of training: what the optimizers keep, and all that memory holds at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...spec.model import Budget
from ...spec.optimizers.base import Optimizer
from ...spec.tensor.dim import Dim
from ..elaborate.check_budget import (
    OF_TRAINING,
    Cost,
    hold,
    is_unknown,
    output_bytes,
    summed,
    weight_bytes,
)
from ..elaborate.typed import TypedGraph, state
from ..resolve.problems import Problems
from .check_freeze import trained_by
from .divide import is_meant
from .trained import Parameter, loss_parameters, parameters_of
from .training_spec import Condition, OptimizerTerm, TrainingSpec


def check_training_budget(
    budget: Budget,
    sizes: Mapping[str, int],
    training: TrainingSpec,
    typed: TypedGraph,
    problems: Problems,
) -> None:
    """Reports optimizers that keep more, and training that takes more, than the budget has.

    sizes: those that the limits are meant for.
    """
    layers = training.layers
    if layers is not None and is_unknown(budget, OF_TRAINING, layers, problems):
        return
    if budget.optimizer_state is not None:
        parts = optimizer_state(training, typed)
        cost = Cost("optimizer_state", summed(parts), parts, "optimizers keep")
        hold(cost, budget.optimizer_state, sizes, typed, problems)
    if budget.training_memory is not None:
        parts = dict(_in_memory(training, typed))
        cost = Cost("training_memory", summed(parts), parts, "training takes", "memory")
        hold(cost, budget.training_memory, sizes, typed, problems)


def optimizer_state(training: TrainingSpec, typed: TypedGraph) -> Mapping[str, Dim]:
    """The bytes that are kept for each parameter, by its name; frozen ones need none."""
    learning = _learning(training, typed)
    parts: dict[str, Dim] = {}
    for term in training.optimizers:
        trained = trained_by(term, training.optimizers, learning)
        types = [one.type for one in trained if one.type is not None]
        for one in trained:
            if one.type is not None:
                parts[one.name] = _settings(term, one).state_bytes(one.type)
        name = type(term.optimizer).__name__
        parts[name] = parts.get(name, Dim.of(0)) + term.optimizer.shared_bytes(types)
    return parts


def _in_memory(training: TrainingSpec, typed: TypedGraph) -> Iterator[tuple[str, Dim]]:
    """The bytes of all that a step needs at once, by what they are of."""
    yield from weight_bytes(typed).items()
    if training.layers is not None:
        for name, entry in state(training.layers).items():
            yield name, entry.type.nbytes()
    for term in training.losses:
        for key, entry in term.loss.state().items() if term.loss is not None else ():
            yield f"{term.name}.{key}", entry.type.nbytes()
    for one in _learning(training, typed):
        if one.type is not None:
            yield f"gradient of {one.name}", one.type.nbytes()
    for name, kept in optimizer_state(training, typed).items():
        yield f"state of {name}", kept
    for scope in (typed.root, training.layers):
        for path, given in output_bytes(scope).items() if scope is not None else ():
            yield f"output of {path}", given


def _learning(training: TrainingSpec, typed: TypedGraph) -> list[Parameter]:
    """The parameters that a step may change, now or later."""
    return [
        one
        for one in (*parameters_of(typed), *loss_parameters(training.losses, training.layers))
        if one.gradient != "none" and not _is_frozen(one, training)
    ]


def _is_frozen(one: Parameter, training: TrainingSpec) -> bool:
    """Whether a parameter never learns."""
    return any(term.until is None and _holds(term.condition, one) for term in training.frozen)


def _settings(term: OptimizerTerm, one: Parameter) -> Optimizer:
    """The optimizer with the settings of the group that a parameter is in."""
    for group in term.groups:
        if all(_holds(condition, one) for condition in group.conditions):
            return term.optimizer.model_copy(group.settings)
    return term.optimizer


def _holds(condition: Condition, one: Parameter) -> bool:
    if condition.names:
        return one.name in condition.names or one.first in condition.names
    return any(is_meant(pattern, one) for pattern in condition.patterns)
