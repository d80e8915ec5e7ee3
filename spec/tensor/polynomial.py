"""Integer polynomials as plain dictionaries: monomial -> coefficient, zeros left out.

A monomial is a tuple of atoms, repeated for powers and sorted by their `key`; `()` is the
constant. Nothing here knows what an atom is: it is hashable and has a `key`.
"""

from collections.abc import Iterable
from itertools import combinations
from math import gcd, isqrt
from operator import attrgetter
from typing import Protocol, TypeAlias, TypeVar


class Keyed(Protocol):
    """What an atom must offer: a text that orders it among the others."""

    @property
    def key(self) -> str: ...


A = TypeVar("A", bound=Keyed)
Poly: TypeAlias = dict[tuple[A, ...], int]
_key = attrgetter("key")

# More atoms than this are not searched for a split into independent factors: 2**n subsets.
_SPLIT_ATOMS = 6


def add(left: Poly[A], right: Poly[A], scale: int = 1) -> Poly[A]:
    """`left + scale * right`."""
    total = dict(left)
    for monomial, coefficient in right.items():
        summed = total.get(monomial, 0) + scale * coefficient
        if summed:
            total[monomial] = summed
        else:
            total.pop(monomial, None)
    return total


def multiply(left: Poly[A], right: Poly[A]) -> Poly[A]:
    """`left * right`."""
    total: Poly[A] = {}
    for first, a in left.items():
        for second, b in right.items():
            monomial = join(first, second)
            total[monomial] = total.get(monomial, 0) + a * b
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def join(first: tuple[A, ...], second: tuple[A, ...]) -> tuple[A, ...]:
    """The product of two monomials."""
    if not first:
        return second
    if not second:
        return first
    return tuple(sorted(first + second, key=_key))


def order(monomial: tuple[A, ...]) -> tuple[int, tuple[str, ...]]:
    """Sorts monomials as they are written: higher degrees first, then alphabetically."""
    return -len(monomial), tuple(atom.key for atom in monomial)


def atoms(terms: Iterable[tuple[A, ...]]) -> list[A]:
    """The atoms that occur, each once, sorted by key."""
    return sorted({atom for monomial in terms for atom in monomial}, key=_key)


def content(terms: Poly[A]) -> int:
    """The greatest common divisor of the coefficients; negative if all of them are."""
    divisor = gcd(*terms.values())
    return -divisor if all(coefficient < 0 for coefficient in terms.values()) else divisor


def common(terms: Iterable[tuple[A, ...]]) -> tuple[A, ...]:
    """The greatest monomial that divides every term."""
    monomials = list(terms)
    shared = monomials[0]
    for monomial in monomials[1:]:
        if not shared:
            break
        shared = _overlap(shared, monomial)
    return shared


def _overlap(first: tuple[A, ...], second: tuple[A, ...]) -> tuple[A, ...]:
    rest = list(second)
    kept = []
    for atom in first:
        if atom in rest:
            rest.remove(atom)
            kept.append(atom)
    return tuple(kept)


def without(monomial: tuple[A, ...], divisor: tuple[A, ...]) -> tuple[A, ...] | None:
    """`monomial / divisor`, or None where it doesn't divide."""
    rest = list(monomial)
    for atom in divisor:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def strip(terms: Poly[A], scale: int, monomial: tuple[A, ...]) -> Poly[A]:
    """`terms / (scale * monomial)`, which must divide every term."""
    return {
        rest: coefficient // scale
        for term, coefficient in terms.items()
        if (rest := without(term, monomial)) is not None
    }


def divide_exactly(dividend: Poly[A], divisor: Poly[A]) -> Poly[A] | None:
    """The polynomial `q` with integer coefficients and `q * divisor == dividend`, or None."""
    lead = min(divisor, key=order)
    quotient: Poly[A] = {}
    rest = dict(dividend)
    while rest:
        top = min(rest, key=order)
        monomial = without(top, lead)
        scale, remainder = divmod(rest[top], divisor[lead])
        if monomial is None or remainder:
            return None
        quotient[monomial] = scale
        rest = add(rest, multiply({monomial: scale}, divisor), -1)
    return quotient


def split_multiples(dividend: Poly[A], divisor: Poly[A]) -> tuple[Poly[A], Poly[A]]:
    """`(q, r)` with `dividend == q * divisor + r`, term by term; no q by a divisor of several."""
    (monomial, scale), *others = divisor.items()
    whole: Poly[A] = {}
    if not others and scale > 0:
        for other, coefficient in dividend.items():
            left = without(other, monomial)
            if left is not None and coefficient // scale:
                whole[left] = coefficient // scale
    return whole, add(dividend, multiply(whole, divisor), -1)


def cancel(dividend: Poly[A], divisor: Poly[A]) -> tuple[Poly[A], Poly[A]]:
    """Both without their common content and monomial; the divisor is not negative throughout."""
    shared = common([*dividend, *divisor])
    scale = gcd(*dividend.values(), *divisor.values())
    if content(divisor) < 0:
        scale = -scale
    return strip(dividend, scale, shared), strip(divisor, scale, shared)


def factor(terms: Poly[A]) -> tuple[int, list[Poly[A]]]:
    """A content and factors (not always irreducible) whose product is `terms`, not zero.

    Found are monomials, factors in different atoms, and quadratics in one atom.
    """
    scale = content(terms)
    shared = common(terms)
    rest = strip(terms, scale, shared)
    factors: list[Poly[A]] = [{(atom,): 1} for atom in shared]
    if rest != {(): 1}:
        factors.extend(_split(rest))
    return scale, factors


def _split(terms: Poly[A]) -> list[Poly[A]]:
    names = atoms(terms)
    if len(names) == 1:
        return _split_quadratic(terms, names[0])
    if len(names) > _SPLIT_ATOMS or not _is_composite(len(terms)):
        return [terms]
    for size in range(1, len(names) // 2 + 1):
        for chosen in combinations(names, size):
            halves = _separate(terms, frozenset(chosen))
            if halves is not None:
                return _split(halves[0]) + _split(halves[1])
    return [terms]


def _is_composite(number: int) -> bool:
    return any(number % divisor == 0 for divisor in range(2, isqrt(number) + 1))


def _separate(terms: Poly[A], chosen: frozenset[A]) -> tuple[Poly[A], Poly[A]] | None:
    """`terms` as a primitive polynomial in `chosen` times one in the other atoms, or None."""
    outside = tuple(atom for atom in min(terms, key=order) if atom not in chosen)
    left = {
        tuple(atom for atom in monomial if atom in chosen): coefficient
        for monomial, coefficient in terms.items()
        if tuple(atom for atom in monomial if atom not in chosen) == outside
    }
    left = strip(left, content(left), ())
    if len(left) == 1:
        return None
    if left[min(left, key=order)] < 0:
        left = strip(left, -1, ())
    right = divide_exactly(terms, left)
    if right is None:
        return None
    sign = -1 if content(right) < 0 else 1
    return strip(left, sign, ()), strip(right, sign, ())


def _split_quadratic(terms: Poly[A], atom: A) -> list[Poly[A]]:
    a, b, c = (terms.get((atom,) * degree, 0) for degree in (2, 1, 0))
    square = b * b - 4 * a * c
    if a < 0 or max(map(len, terms)) != 2 or square < 0 or isqrt(square) ** 2 != square:
        return [terms]
    root = -b + isqrt(square)  # over 2a
    shared = gcd(root, 2 * a)
    linear = {(atom,): 2 * a // shared, (): -root // shared}
    quotient = divide_exactly(terms, linear)
    return [terms] if quotient is None else [linear, quotient]
