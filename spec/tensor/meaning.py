"""Sizes in the user's terms, where facts made up symbols of their own."""

from __future__ import annotations

from math import gcd

from .dim import Atom, Dim, Symbol


def restored(dim: Dim) -> Dim:
    """The same size over the symbols that the meanings of its own symbols are written in.

    Equal to it for all sizes that the meanings allow; for printing, since bounds are gone. A
    multiple of a symbol takes in as much of the symbol's divisor as it can: with `h == 16 * k`,
    `32 * k` is `2 * h` and `k` is `h // 16`.
    """
    total = Dim.of(0)
    for monomial, scale in dim.terms.items():
        product = Dim.of(1)
        for atom in monomial:
            value, scale = _restored_multiple(atom, scale)
            product = product * value
        total = total + product * scale
    return total


def _restored_multiple(atom: Atom, scale: int) -> tuple[Dim, int]:
    """A size and a scale with `atom * scale` for their product."""
    if not isinstance(atom, Symbol):
        return restored(atom.dividend) // restored(atom.divisor), scale
    if atom.meaning is None:
        return Dim.of(Symbol(atom.name)), scale  # bounds may have changed on the way
    whole, parts, rest = atom.meaning
    shared = gcd(scale, parts)
    step = parts // shared
    return whole // step - rest // step, scale // shared
