"""Checks that what is computed twice in training gives and leaves the same as once."""

from __future__ import annotations

from collections.abc import Sequence

from ..resolve.problems import Problems
from .typed import Leaf, TypedGraph, TypedNode, leaves_of


def check_recompute(typed: TypedGraph, problems: Problems) -> None:
    """Reports recomputed entries that hold statistics, which a forward pass in training renews."""
    scopes = [typed.root, *(use for uses in typed.blocks.values() for use in uses)]
    for scope in scopes:
        _check(scope.nodes, problems)


def _check(nodes: Sequence[TypedNode], problems: Problems) -> None:
    for typed in nodes:
        _check([*typed.children, *typed.times], problems)
        if not typed.node.recompute or typed.absent:
            continue
        for leaf in leaves_of(typed):
            what = _renewed(leaf)
            if what is not None:
                problems.error(
                    "conflict",
                    f"recompute runs this twice in training, and {what} would be renewed twice",
                    (*typed.node.path, "recompute"),
                    part="key",
                    labels=[(leaf.typed.node.path, None, "here")],
                    help="recompute what stands before and behind it",
                )
                break


def _renewed(leaf: Leaf) -> str | None:
    """What of a layer a forward pass changes; None for nothing."""
    layer = type(leaf.typed.layer).__name__
    for name, entry in leaf.typed.own_state().items():
        if not entry.trainable and "running_" in name:
            return f"the running statistics of {layer}"
        if not entry.trainable and name.startswith("parametrizations."):
            return f"the estimates of {layer}'s parametrization"
    return None
