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
    shares: dict[int, tuple[Dim, int]] = {}  # by divisor: the sum of wholes, and of rests
    for monomial, scale in dim.terms.items():
        if len(monomial) == 1 and (share := _share(monomial[0], scale)) is not None:
            whole, rest, step = share
            before, rests = shares.get(step, (Dim.of(0), 0))
            shares[step] = before + whole, rests + rest
            continue
        product = Dim.of(1)
        for atom in monomial:
            value, scale = _restored_multiple(atom, scale)
            product = product * value
        total = total + product * scale
    for step, (whole, rest) in shares.items():
        total = total + whole // step - rest // step
    return total


def _share(atom: Atom, scale: int) -> tuple[Dim, int, int] | None:
    """A whole, a rest and a divisor with `scale * atom == (whole - rest) / divisor`."""
    if not isinstance(atom, Symbol) or atom.meaning is None:
        return None
    whole, parts, rest = atom.meaning
    shared = gcd(scale, parts)
    return whole * (scale // shared), rest * (scale // shared), parts // shared


def _restored_multiple(atom: Atom, scale: int) -> tuple[Dim, int]:
    """A size and a scale with `scale * atom` for their product."""
    if not isinstance(atom, Symbol):
        return restored(atom.dividend) // restored(atom.divisor), scale
    if atom.meaning is None:
        return Dim.of(Symbol(atom.name)), scale  # bounds may have changed on the way
    whole, parts, rest = atom.meaning
    shared = gcd(scale, parts)
    step = parts // shared
    return whole // step - rest // step, scale // shared
