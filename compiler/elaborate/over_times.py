"""Amounts of one time of a recurrence, summed over all its times."""

from __future__ import annotations

from ...spec.tensor.dim import Dim
from .typed import TypedNode


def over_times(amount: Dim, node: TypedNode) -> Dim:
    """An amount that each time of a recurrence has, for all of them; else the amount itself.

    It is exact up to the index's square; beyond, every time counts as the last.
    """
    if node.length is None or node.index is None:
        return amount
    times, index = node.length, node.index
    sums = (times, times * (times - 1) // 2, times * (times - 1) * (2 * times - 1) // 6)
    total = Dim.of(0)
    rest = amount
    for power, summed in enumerate(sums):
        for monomial, factor in amount.terms.items():
            others = tuple(atom for atom in monomial if atom != index)
            inside = any(
                not isinstance(a, type(index)) and index in Dim.of(a).symbols for a in others
            )
            if len(monomial) - len(others) == power and not inside:
                total = total + Dim({others: factor}) * summed
                rest = rest - Dim({monomial: factor})
    return total + times * rest.substitute({index.name: times - 1})
