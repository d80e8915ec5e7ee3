"""The layers of losses, typed, and held to what layers of a model are held to."""

from __future__ import annotations

from collections.abc import Sequence

from ..elaborate.elaborate import elaborate_layers
from ..elaborate.interface import ModelInterface, smallest_batch
from ..elaborate.typed import TypedGraph, TypedScope
from ..resolve.graph import Argument, Scope
from ..resolve.problems import Problems
from .loss_formula import Types
from .training_spec import LossTerm


def with_layers(types: Types, layers: Scope, problems: Problems) -> tuple[TypedGraph | None, Types]:
    """The layers, and the types of values with theirs among them."""
    typed, environment = elaborate_layers(layers, types.values, types.params, problems)
    return typed, types.replace(layers=environment)


def report_layers(types: Types, layers: Scope, problems: Problems) -> None:
    """Reports why nothing is known of what a loss reads of its layers."""
    with_layers(types, layers, problems)
    if not problems:
        problems.error(
            "wrong-target",
            "what a loss compares follows from the target, whose type follows from the losses",
            layers.nodes[0].path[:-1],
            part="key",
            help="a loss that compares with target as it is settles its type",
        )


def check_loss_layers(
    typed: TypedGraph, terms: Sequence[LossTerm], model: ModelInterface, problems: Problems
) -> tuple[TypedScope, int]:
    """The layers with what losses read of them, and the fewest rows that they are trained with.

    Reports what can't be trained.
    """
    read = tuple((term.name, Argument(term.path, e)) for term in terms for e in term.expressions)
    root = typed.root.replace(scope=typed.root.scope.replace(outputs=read))
    typed = typed.replace(root=root)
    _check_needs(typed, model, problems)
    written = repr(problems.document.value)
    if "inplace" in written:
        from ..elaborate.check_inplace import check_inplace

        check_inplace(typed, problems)
    if "recompute" in written:
        from ..elaborate.check_recompute import check_recompute

        check_recompute(typed, problems)
    return root, smallest_batch((tensor for _, tensor in model.inputs), typed.needs)


def _check_needs(typed: TypedGraph, model: ModelInterface, problems: Problems) -> None:
    """Reports what layers need of sizes that are not the batch's: the model takes them all."""
    first = [tensor.shape[0] for _, tensor in model.inputs if tensor.rank]
    batches = {symbol.name for size in first for symbol in size.symbols}
    for need in typed.needs:
        if {symbol.name for symbol in need.bound.dim.symbols} - batches:
            problems.error(
                "not-supported",
                f"the layers of the loss need {need.bound}, the model does not",
                typed.root.scope.nodes[0].path[:-1],
                part="key",
                help="declare it where the model declares its inputs",
            )
