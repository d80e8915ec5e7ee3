"""Polynomials as Python expressions, as a person would write them and as `ruff format` spaces them.

The text depends on the polynomial alone: products, remainders and shifted floors are found
again in its terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import polynomial

if TYPE_CHECKING:
    from .dim import Atom, Terms

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


class _Term(NamedTuple):
    """A part of a sum: its place among the others, its sign and its absolute value."""

    order: tuple[int, tuple[str, ...]]
    sign: int
    text: Text

    @staticmethod
    def of(sign: int, text: Text) -> _Term:
        """A floor or a remainder: of degree one."""
        return _Term((-1, (text.text.lstrip("(-"),)), sign, text)


def _write_sum(terms: Terms) -> Text:
    rest, written = _remainders(terms)
    rest, floors = _fold_into_floors(rest)
    alone = not written and set(rest) == {()} and len(floors) == 1 and floors[0].scale > 0
    if alone and () in floors[0].dividend:  # (p + c) // k + d as (p + c + d * k) // k
        rest, floors = {}, [floors[0].plus(rest)]
    written += [_Term.of(floor.scale, floor.text()) for floor in floors]
    for monomial, scale in rest.items():
        if monomial:
            text = _write_term({monomial: abs(scale)})
            written.append(_Term(polynomial.order(monomial), scale, text))
    return _join_sum(written, rest.get((), 0))


def _join_sum(written: list[_Term], constant: int) -> Text:
    """Positive terms first, the constant last if it can be."""
    written.sort(key=lambda term: (term.sign < 0, term.order))
    if constant:
        last = _Term((0, ()), constant, Text(str(abs(constant)), NAME))
        first = constant > 0 and bool(written) and written[0].sign < 0
        written.insert(0 if first else len(written), last)
    (_, sign, text), *others = written
    if not others and sign > 0:
        return text
    whole = text.summand() if sign > 0 else f"-{text.operand()}"
    for _, sign, text in others:
        whole += f" {'+' if sign > 0 else '-'} {text.summand()}"
    return Text(whole, SUM)


class _Floor(NamedTuple):
    """`scale * (dividend // divisor)`, the scale 1 or -1."""

    scale: int
    dividend: Terms
    divisor: Terms

    def plus(self, whole: Terms) -> _Floor:
        return self._replace(dividend=polynomial.add(self.dividend, whole, self.divisor[()]))

    def mirrored(self) -> _Floor:
        """The same as the floor of what isn't negative: -floor(-p / k) = floor((p + k - 1) / k)."""
        dividend = polynomial.add({(): self.divisor[()] - 1}, self.dividend, -1)
        return _Floor(-self.scale, dividend, self.divisor)

    def text(self) -> Text:
        return Text(floor_text(self.dividend, self.divisor), PRODUCT)


def _fold_into_floors(terms: Terms) -> tuple[Terms, list[_Floor]]:
    """Take floors by constants out of a sum, with the terms that normal form put beside them.

    So `h - (h + 3) // 4` becomes `(3 * h) // 4` again, and `(h + w) // 2 - w`, `(h - w) // 2`.
    """
    floors = []
    for atom in polynomial.atoms(terms):
        scale = terms.get((atom,), 0)
        if atom.parts is None or scale not in (1, -1) or set(atom.parts[1]) != {()}:
            continue
        whole = {m: -1 for m in atom.parts[0] if m and terms.get(m) == -scale}
        floor = _Floor(scale, *atom.parts).plus(whole)
        negative = [c < 0 for m, c in floor.dividend.items() if m]
        if scale < 0 and all(negative):
            floor = floor.mirrored()
        elif all(negative) or (scale < 0 and any(negative)):
            continue
        terms = polynomial.add(polynomial.add(terms, {(atom,): 1}, -scale), whole, -scale)
        floors.append(floor)
    return terms, floors


def _remainders(terms: Terms) -> tuple[Terms, list[_Term]]:
    """The terms without those that make up remainders, and the remainders with their signs."""
    found: list[_Term] = []
    for atom in polynomial.atoms(terms):
        if atom.parts is None:
            continue
        dividend, divisor = atom.parts
        remainder = polynomial.add(dividend, polynomial.multiply(divisor, {(atom,): 1}), -1)
        scale = _multiple(terms, remainder, atom)
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
        found.append(_Term.of(scale, _join_product(abs(scale), [text])))
    return terms, found


def _multiple(terms: Terms, part: Terms, atom: Atom) -> int:
    """How often `part` is in `terms`, by the term with the atom; 0 if the others don't have it."""
    own = next(monomial for monomial in part if atom in monomial)
    scale, rest = divmod(terms.get(own, 0), part[own])
    if rest:
        return 0
    for monomial, needed in part.items():
        share = terms.get(monomial, 0) * scale * needed
        if monomial and share < (scale * needed) ** 2:
            return 0
    return scale
