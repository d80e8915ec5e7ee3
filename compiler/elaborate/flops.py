"""What entries cost."""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.tensor.dim import Dim
from .over_times import over_times
from .typed import TypedNode


def flops_of(nodes: Sequence[TypedNode], known: dict[int, Dim] | None = None) -> Dim:
    """Floating-point operations of entries in eval mode, with all inputs given.

    known: of bodies of blocks by identity, since many uses share one.
    """
    found: dict[int, Dim] = {} if known is None else known
    total = Dim.of(0)
    for node in nodes:
        if node.absent or node.node.in_training:
            continue
        total = total + node.flops + over_times(flops_of(node.children, found), node)
        for index in range(node.count if node.times else 0):
            total = total + flops_of([node.times[min(index, len(node.times) - 1)]], found)
        if node.scope is not None and node.node.call is not None:
            body = id(node.scope)
            if body not in found:
                found[body] = flops_of(node.scope.nodes, found)
            total = total + found[body]
    return total
