"""The last two of the five steps: gradients, within bounds, and the update of the weights."""

from __future__ import annotations

from ..emit import code
from ..emit.quote import quote, quoted
from ..plan.values import constant
from ..training.training_spec import TrainingSpec
from .additions.addition import Statements
from .plan_turns import Turn


def backward(spec: TrainingSpec, loss: code.Expression, turn: Turn) -> Statements:
    """The fourth step. loss: what gradients are taken of."""
    if spec.scales:
        loss = quoted("scaler.scale(LOSS)", LOSS=loss)
    return turn.backward(loss)


def updated(spec: TrainingSpec, losses: code.Expression, turn: Turn) -> Statements:
    """What follows the gradients: bounds for them, and the fifth step.

    losses: those whose gradients they are, in a list. turn: whose step it is.
    """
    training = spec.training
    step = "scaler.step(OPTIMIZER)" if spec.scales else "OPTIMIZER.step()"
    found = _clipped(spec, turn) + _each(spec, f"{step}  # 5. update the weights", turn)
    parameters = turn.parameters(spec)
    # What is infinite would pass for finite once it is clipped.
    if training.on_nan == "skip":
        test = "if on_nan.is_finite(LOSSES, PARAMETERS):\n    UPDATE"
        found = quote(test, LOSSES=losses, PARAMETERS=parameters, UPDATE=found)
    elif training.on_nan == "raise":
        # Of scaled losses some gradients are too large, until the scale is found.
        note = "on_nan.note(LOSSES)" if spec.scales else "on_nan.note(LOSSES, PARAMETERS)"
        found = quote(note, LOSSES=losses, PARAMETERS=parameters) + found
    if not spec.scales:
        return found
    if training.on_nan == "skip" or _clipped(spec, turn):
        found = _each(spec, "scaler.unscale_(OPTIMIZER)", turn) + found
    return (*found, *quote("scaler.update()")) if turn.is_last else found


def _clipped(spec: TrainingSpec, turn: Turn) -> Statements:
    """Gradients within bounds: values first, so that a single one doesn't shrink all others."""
    training = spec.training
    found: Statements = ()
    if training.clip_grad_value is not None:
        found += quote(
            "nn.utils.clip_grad_value_(PARAMETERS, clip_value=VALUE)",
            PARAMETERS=turn.parameters(spec),
            VALUE=constant(training.clip_grad_value),
        )
    if training.clip_grad_norm is not None:
        found += quote(
            "nn.utils.clip_grad_norm_(PARAMETERS, max_norm=NORM)",
            PARAMETERS=turn.parameters(spec),
            NORM=constant(training.clip_grad_norm),
        )
    return found


def _each(spec: TrainingSpec, statement: str, turn: Turn) -> Statements:
    """What is done with the optimizer whose turn it is, or with each. statement: says OPTIMIZER."""
    if not spec.has_several_optimizers or spec.takes_turns:
        return quote(statement, OPTIMIZER=turn.optimizer)
    body = quote(statement, OPTIMIZER="optimizer")
    return (code.For(code.Name("optimizer"), code.Name("optimizers"), body),)
