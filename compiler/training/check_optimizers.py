"""Optimizers against the model and the rest of training: what torch refuses at the first step."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.expression.nodes import Constant
from ...spec.training import Training
from ..elaborate.typed import TypedGraph, leaves
from ..resolve.problems import Problems
from .divide import Division, divide
from .own_losses import check_own_losses
from .read_optimizers import OptimizerTable, check_alone
from .trained import Parameter, parameters_of, sparse_calls
from .training_spec import LossTerm


def check_optimizers(
    read: Sequence[OptimizerTable | None],
    training: Training | None,
    typed: TypedGraph,
    learned: tuple[Parameter, ...],
    losses: Sequence[LossTerm | None],
    problems: Problems,
) -> Division | None:
    """Which optimizer trains what; None where one could not be read.

    learned: the parameters of the losses, which are `losses`.
    """
    parameters = parameters_of(typed)
    tables = tuple(table for table in read if table is not None)
    if not parameters:
        problems.error(
            "nothing-to-train",
            f"{typed.root.scope.name} has no parameters",
            ("optimizer",),
            part="key",
        )
        return None
    if _clash(parameters, learned, problems):
        return None
    parameters += learned
    for table in tables:
        _check_implementation(table, training, problems)
        _check_clipping(table, training, problems)
    _check_sparse(parameters, tables, training, typed, problems)
    check_alone(tables, problems)
    check_own_losses(tables, losses, problems)
    return divide(tables, parameters, problems) if len(tables) == len(read) else None


def _clash(
    parameters: Sequence[Parameter], learned: Sequence[Parameter], problems: Problems
) -> bool:
    """Whether a parameter of a loss is called as one of the model's; reports it."""
    names = {name for one in parameters for name in (one.name, one.first)}
    twice = [one.name for one in learned if one.name in names]
    for name in twice:
        problems.error(
            "name-clash",
            f"{name} is a parameter of the model, and one of a loss",
            ("loss",),
            part="key",
            help='give the loss another name: name = "…"',
        )
    return bool(twice)


def _check_implementation(
    table: OptimizerTable, training: Training | None, problems: Problems
) -> None:
    on_cpu = training is not None and training.device.startswith("cpu")
    given = [(table.path, table.optimizer.given())]
    given += [(group.path, dict(group.settings)) for group in table.groups]
    for path, settings in given:
        if settings.get("differentiable"):
            problems.error(
                "invalid-value",
                "a differentiable step can't change parameters that are trained: torch refuses it",
                (*path, "differentiable"),
            )
        if settings.get("capturable") and on_cpu:
            problems.error(
                "invalid-value",
                "capturable is for graphs of CUDA: torch refuses such a step on cpu",
                (*path, "capturable"),
                labels=[(("training", "device"), None, "the device")],
            )


_CLIPPING = ("clip_grad_norm", "clip_grad_value")


def _check_clipping(table: OptimizerTable, training: Training | None, problems: Problems) -> None:
    for key in _CLIPPING:
        if table.optimizer.takes_closure and getattr(training, key, None) is not None:
            name = type(table.optimizer).__name__
            problems.error(
                "invalid-value",
                f"{name} learns the curvature from how gradients differ, which clipping falsifies",
                ("training", key),
                labels=[((*table.path, "type"), None, name)],
            )


def _check_sparse(
    parameters: Sequence[Parameter],
    tables: Sequence[OptimizerTable],
    training: Training | None,
    typed: TypedGraph,
    problems: Problems,
) -> None:
    """What torch refuses of sparse gradients, whatever the optimizer."""
    sparse = [one for one in parameters if one.gradient == "sparse"]
    for key in (*_CLIPPING, "on_nan"):
        if sparse and getattr(training, key, None) is not None:
            what = "bounds no values" if key == "clip_grad_value" else "has no norm"
            problems.error(
                "sparse-gradient",
                f"torch {what} of sparse gradients, such as those of {sparse[0].name}",
                ("training", key),
            )
    for leaf in leaves(typed.root):
        given = leaf.typed.layer.given() if leaf.typed.layer is not None else {}
        if given.get("sparse") and given.get("scale_grad_by_freq"):
            problems.error(
                "sparse-gradient",
                "torch can't scale sparse gradients by frequency: the backward pass fails",
                (*leaf.typed.node.path, "scale_grad_by_freq"),
            )
    for path, call in sparse_calls(typed):
        value = dict(call.keywords)["sparse"]
        if tables and not (isinstance(value, Constant) and not value.value):
            problems.error(
                "sparse-gradient",
                f"which parameter has sparse gradients does not follow from {call.name}(…,"
                " sparse=True)",
                path,
                help="a layer of type Embedding or EmbeddingBag with sparse = true says so",
            )
