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
    multiples outside, nothing to cancel, no floor of a floor, and coefficients from 1 to k - 1
    that are not all above k / 2. Without a rest, `whole` is all.
    """
    whole: Terms = {}
    sign = 1
    while True:
        quotient, rest, negative = _split_multiples(terms, divisor)
        whole = polynomial.add(whole, quotient, sign)
        scales = [scale for monomial, scale in rest.items() if monomial]
        if not scales:
            return whole, sign, {}, 1
        if 2 * min(scales) > divisor or (negative and {2 * scale for scale in scales} == {divisor}):
            quotient, rest = _mirrored(rest, divisor)
            whole = polynomial.add(whole, quotient, sign)
            sign = -sign
        shared = gcd(divisor, *scales)
        inner = _inner_floor(rest)
        if shared > 1:
            terms = {monomial: scale // shared for monomial, scale in rest.items()}
            divisor //= shared
        elif inner is not None:
            terms, divisor = _unnest(rest, divisor, inner)
        else:
            return whole, sign, rest, divisor


def _split_multiples(terms: Terms, divisor: int) -> tuple[Terms, Terms, bool]:
    """Quotient and rest by coefficient, and whether no term with a rest was positive."""
    quotient: Terms = {}
    rest: Terms = {}
    negative = True
    for monomial, scale in terms.items():
        multiple, remainder = divmod(scale, divisor)
        if multiple:
            quotient[monomial] = multiple
        if remainder:
            rest[monomial] = remainder
            negative = negative and (scale < 0 or not monomial)
    return quotient, rest, negative


def _mirrored(rest: Terms, divisor: int) -> tuple[Terms, Terms]:
    """`(q, r)` with `rest // k == q - r // k`: floor(-p / k) = -floor((p + k - 1) / k)."""
    whole = {monomial: 1 for monomial in rest if monomial}
    mirrored = {monomial: divisor - rest[monomial] for monomial in whole}
    constant = divisor - 1 - rest.get((), 0)
    return whole, {**mirrored, (): constant} if constant else mirrored


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
