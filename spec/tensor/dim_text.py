"""Polynomials as Python expressions, as a person would write them and as `ruff format` spaces them.

The text depends on the polynomial alone: products, remainders and shifted floors are found
again in its terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import polynomial

if TYPE_CHECKING:
    from .dim import Terms

SUM, PRODUCT, NAME = range(3)  # how tightly a text holds together

_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


class Text(NamedTuple):
    """An expression and how tightly it holds together."""

    text: str
    level: int

    def operand(self) -> str:
        """As it stands in a product, or as the operand of `//` or `%`."""
        return self.text if self.level == NAME else f"({self.text})"

    def summand(self) -> str:
        """As it stands in a sum."""
        return f"({self.text})" if self.level == SUM else self.text


def polynomial_text(terms: Terms) -> str:
    """A polynomial as an expression."""
    return _write(terms).text


def floor_text(dividend: Terms, divisor: Terms) -> str:
    """`dividend // divisor`."""
    return f"{_write(dividend).operand()} // {_write(divisor).operand()}"


def _write(terms: Terms) -> Text:
    if len(terms) < 2:
        return _write_term(terms)
    scale, factors = polynomial.factor(terms)
    if len(factors) > 1:
        return _write_product(scale, factors)
    if abs(scale) > 1 and () not in terms:
        return _write_product(scale, factors)
    return _write_sum(terms)


def _write_term(terms: Terms) -> Text:
    for monomial, scale in terms.items():
        if not monomial:
            return Text(str(scale), NAME if scale >= 0 else SUM)
        return _write_product(scale, [{(atom,): 1} for atom in monomial])
    return Text("0", NAME)


def _write_product(scale: int, factors: Sequence[Terms]) -> Text:
    written = [_write_atom(factor) for factor in factors]
    written.sort(key=lambda text: text.text.lstrip("(-"))
    return _join_product(scale, written)


def _join_product(scale: int, written: Sequence[Text]) -> Text:
    if scale == 1 and len(written) == 1:
        return written[0]
    powers = [(text, written.count(text)) for text in dict.fromkeys(written)]
    pieces = [_power(text, exponent) for text, exponent in powers]
    if abs(scale) != 1:
        pieces.insert(0, str(abs(scale)))
    if scale > 0:
        return Text(" * ".join(pieces), PRODUCT)
    if abs(scale) == 1 and powers[0][1] > 1:
        pieces[0] = f"({pieces[0]})"
    return Text("-" + " * ".join(pieces), SUM)


def _power(text: Text, exponent: int) -> str:
    if exponent == 1:
        return text.operand()
    simple = text.text.replace(".", "_").isidentifier()  # where the formatter hugs `**`
    return f"{text.operand()}{'**' if simple else ' ** '}{exponent}"


def _write_atom(factor: Terms) -> Text:
    """An atom, or a sum that is a factor."""
    if len(factor) > 1:
        return _write_sum(factor)
    ((atom,),) = factor
    if atom.parts is not None:
        return Text(atom.text, PRODUCT)
    return Text(atom.text, NAME if _holds_together(atom.text) else SUM)


def _holds_together(text: str) -> bool:
    """Whether a text is a name, an attribute, a call, an item or in parentheses."""
    if text.isidentifier():
        return True
    depth = 0
    for character in text:
        depth += _BRACKETS.get(character, 0)
        inside = depth > 0 or character in ")]._" or character.isalnum()
        if not inside or character in "\"'":
            return False
    return depth == 0


def _write_sum(terms: Terms) -> Text:
    if (shifted := _shifted_floor(terms)) is not None:
        return shifted
    rest, signed = _remainders(terms)
    for monomial in sorted(rest, key=polynomial.order):
        if monomial:
            term = _write_term({monomial: abs(rest[monomial])})
            signed.append((rest[monomial], term))
    signed.sort(key=lambda entry: entry[0] < 0)
    constant = rest.get((), 0)
    if constant:
        place = 0 if constant > 0 and signed and signed[0][0] < 0 else len(signed)
        signed.insert(place, (constant, Text(str(abs(constant)), NAME)))
    (sign, first), *others = signed
    if not others and sign > 0:
        return first
    text = first.summand() if sign > 0 else f"-{first.operand()}"
    for sign, term in others:
        text += f" {'+' if sign > 0 else '-'} {term.summand()}"
    return Text(text, SUM)


def _shifted_floor(terms: Terms) -> Text | None:
    """`p // k + c` as `(p + c * k) // k` where `p` has a constant already."""
    floor = next((monomial[0] for monomial in terms if len(monomial) == 1), None)
    if floor is None or floor.parts is None or terms.get((floor,)) != 1:
        return None
    dividend, divisor = floor.parts
    if set(terms) != {(floor,), ()} or set(divisor) != {()} or () not in dividend:
        return None
    shifted = polynomial.add(dividend, divisor, terms[()])
    return Text(floor_text(shifted, divisor), PRODUCT)


def _remainders(terms: Terms) -> tuple[Terms, list[tuple[int, Text]]]:
    """The terms without those that make up remainders, and the remainders with their signs."""
    found: list[tuple[int, Text]] = []
    for atom in polynomial.atoms(terms):
        if atom.parts is None:
            continue
        dividend, divisor = atom.parts
        remainder = polynomial.add(dividend, polynomial.multiply(divisor, {(atom,): 1}), -1)
        scale = _multiple(terms, remainder)
        negative = scale < 0 and set(divisor) == {()} and dividend.get((), 0) == divisor[()] - 1
        if scale == 0 or (scale < 0 and not negative and () in dividend):
            continue
        terms = polynomial.add(terms, remainder, -scale)
        if negative:  # (-p) % k = k - 1 - (p + k - 1) % k
            dividend = polynomial.add({(): divisor[()] - 1}, dividend, -1)
            terms = polynomial.add(terms, {(): divisor[()] - 1}, scale)
            scale = -scale
        top, bottom = _write(dividend), _write(divisor)
        upper = top.text if negative and len(dividend) == 1 else top.operand()
        text = Text(f"{upper} % {bottom.operand()}", PRODUCT)
        found.append((scale, text if abs(scale) == 1 else _join_product(abs(scale), [text])))
    return terms, found


def _multiple(terms: Terms, part: Terms) -> int:
    """How often `part`, but for its constant, is in `terms` exactly; 0 if it isn't."""
    monomials = [monomial for monomial in part if monomial]
    scale, rest = divmod(terms.get(monomials[0], 0), part[monomials[0]])
    exact = all(terms.get(monomial, 0) == scale * part[monomial] for monomial in monomials)
    return scale if exact and not rest else 0
