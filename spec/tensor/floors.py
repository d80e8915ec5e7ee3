"""Floors of polynomials in normal form."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from . import polynomial

if TYPE_CHECKING:
    from .dim import Atom, Terms


def normal_floor(terms: Terms, divisor: int) -> tuple[Terms, int, Terms, int]:
    """Take `terms // divisor`, by a positive constant, apart into a normal form.

    Returns `(whole, sign, rest, k)` with `terms // divisor == whole + sign * (rest // k)`: whole
    multiples outside, nothing to cancel, no floor of a floor, and a rest that isn't negative
    throughout; without a rest, `whole` is all.
    """
    whole: Terms = {}
    sign = 1
    while True:
        quotient, terms = _split_multiples(terms, divisor)
        whole = polynomial.add(whole, quotient, sign)
        scales = [coefficient for monomial, coefficient in terms.items() if monomial]
        if not scales:
            return whole, sign, {}, 1
        if max(scales) < 0:  # floor(-p / k) = -floor((p + k - 1) / k)
            terms = polynomial.add({(): divisor - 1}, terms, -1)
            sign = -sign
            continue
        shared = gcd(divisor, *scales)
        if shared > 1:
            terms = {monomial: scale // shared for monomial, scale in terms.items()}
            terms = {monomial: scale for monomial, scale in terms.items() if scale}
            divisor //= shared
            continue
        inner = _inner_floor(terms)
        if inner is None:
            return whole, sign, terms, divisor
        terms, divisor = _unnest(terms, divisor, inner)


def _split_multiples(terms: Terms, divisor: int) -> tuple[Terms, Terms]:
    """Quotient and rest by coefficient; the rest keeps the sign, but a constant's is at least 0."""
    quotient: Terms = {}
    rest: Terms = {}
    for monomial, scale in terms.items():
        multiple = scale // divisor if scale >= 0 or not monomial else -(-scale // divisor)
        if multiple:
            quotient[monomial] = multiple
        if scale != multiple * divisor:
            rest[monomial] = scale - multiple * divisor
    return quotient, rest


def _inner_floor(terms: Terms) -> Atom | None:
    """The first floor by a constant that is a term of its own, added or subtracted."""
    found = [
        monomial[0]
        for monomial, scale in terms.items()
        if len(monomial) == 1 and scale in (1, -1) and _is_floor(monomial[0])
    ]
    return min(found, key=lambda atom: atom.key, default=None)


def _is_floor(atom: Atom) -> bool:
    return atom.parts is not None and set(atom.parts[1]) == {()}


def _unnest(terms: Terms, divisor: int, inner: Atom) -> tuple[Terms, int]:
    """floor((±floor(q / a) + r) / k) as a polynomial and the divisor a * k."""
    assert inner.parts is not None
    dividend, steps = inner.parts
    step = steps[()]
    sign = terms[(inner,)]
    rest = polynomial.add(terms, {(inner,): 1}, -sign)
    lifted = {monomial: scale * step for monomial, scale in rest.items()}
    if sign < 0:  # -floor(q / a) = floor((a - 1 - q) / a)
        lifted = polynomial.add(lifted, {(): step - 1})
    return polynomial.add(lifted, dividend, sign), divisor * step
