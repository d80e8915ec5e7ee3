"""Whether a size is zero for all values of its symbols, without visiting the whole grid.

Symbols that share no floor are independent: a size is a sum of products of functions of each
such group. One group is evaluated on its own grid; it is enough to go on with a basis of the
vectors that its functions take there.
"""

from __future__ import annotations

from itertools import product
from math import gcd

from .dim import Atom, Dim, Terms
from .grid import Bounds, Budget, bounds_of, counts, sizes_at


def vanishes(dim: Dim, budget: Budget) -> bool:
    """Whether a size without opaque quotients is zero for all values of its symbols.

    Raises TooManyError past the budget.
    """
    bounds = bounds_of(dim)
    if bounds is None or not dim.terms:
        return True
    if dim.is_constant:
        return False
    group = _first_group(dim)
    inside = {name: limits for name, limits in bounds.items() if name in group}
    columns = _columns(dim, group)
    basis = _basis([Dim(column) for column in columns.values()], dim, inside, budget)
    return all(vanishes(_combine(list(columns), vector), budget) for vector in basis)


def _first_group(dim: Dim) -> set[str]:
    """The names of the symbols that are tied to the first one by floors."""
    ties = [
        {symbol.name for symbol in Dim.of(atom).symbols}
        for monomial in dim.terms
        for atom in monomial
    ]
    group = {min(symbol.name for symbol in dim.symbols)}
    while grown := set().union(*(tie for tie in ties if tie & group)) - group:
        group |= grown
    return group


def _columns(dim: Dim, group: set[str]) -> dict[tuple[Atom, ...], Terms]:
    """The size as a sum over monomials outside the group: their factors within it."""
    columns: dict[tuple[Atom, ...], Terms] = {}
    for monomial, scale in dim.terms.items():
        within = {
            atom: {symbol.name for symbol in Dim.of(atom).symbols} <= group for atom in monomial
        }
        inner = tuple(atom for atom in monomial if within[atom])
        outer = tuple(atom for atom in monomial if not within[atom])
        columns.setdefault(outer, {})[inner] = scale
    return columns


def _basis(functions: list[Dim], dim: Dim, bounds: Bounds, budget: Budget) -> list[list[int]]:
    """Independent vectors that span the values of the functions on the group's grid."""
    basis: list[list[int]] = []
    sizes = [range(count) for count in counts(dim, bounds) if count is not None]
    for point in product(*sizes):
        budget.spend(1)
        at = sizes_at(bounds, point)
        vector = _reduced([function.evaluate(at) for function in functions], basis)
        if any(vector):
            basis.append(vector)
            if len(basis) == len(functions):
                break
    return basis


def _reduced(vector: list[int], basis: list[list[int]]) -> list[int]:
    """A multiple of the vector less what the basis spans of it."""
    for row in basis:
        pivot = next(index for index, value in enumerate(row) if value)
        if vector[pivot]:
            shared = gcd(vector[pivot], row[pivot])
            up, down = row[pivot] // shared, vector[pivot] // shared
            vector = [up * value - down * other for value, other in zip(vector, row, strict=True)]
    shared = gcd(*vector) or 1
    return [value // shared for value in vector]


def _combine(monomials: list[tuple[Atom, ...]], vector: list[int]) -> Dim:
    return Dim(
        {monomial: scale for monomial, scale in zip(monomials, vector, strict=True) if scale}
    )
