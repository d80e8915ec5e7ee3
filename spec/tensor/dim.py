"""Exact symbolic sizes.

A `Dim` is an integer polynomial over symbols and floors `p // k`. Arithmetic keeps a normal form,
so that sizes that are computed along different ways mostly come out structurally equal; what
the normal form cannot see, `prove` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import add, floordiv, mod, mul, sub
from typing import Final, NamedTuple, TypeAlias

from . import polynomial
from .dim_text import floor_text, polynomial_text
from .floors import normal_floor

MAX_WEIGHT = 400
MAX_BITS = 512


class SizeTooComplexError(ValueError):
    """A size outgrew the caps on its terms or its numbers."""


class Meaning(NamedTuple):
    """What a symbol stands for: `whole == parts * symbol + rest`, `whole` over other symbols."""

    whole: Dim
    parts: int = 1
    rest: int = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named size between inclusive bounds.

    name: what it is called, or any expression's text; printed as it is, in parentheses where
        its surroundings need them.
    meaning: for one made up by `facts`, what it is in the user's symbols; printing uses it.
    Raises ValueError where the maximum is below the minimum.
    """

    name: str
    minimum: int = 1
    maximum: int | None = None
    meaning: Meaning | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f"{self.name} has no sizes from {self.minimum} to {self.maximum}")

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def text(self) -> str:
        """What is printed."""
        return self.name

    key = text  # what it is sorted by

    @property
    def parts(self) -> None:
        """It is no quotient."""
        return None


class Floor:
    """The atom `dividend // divisor`, for what the normal form cannot take apart.

    A constant divisor is at least 2; proofs don't look inside an atom with any other.
    """

    __slots__ = ("_hash", "_text", "dividend", "divisor", "weight")

    def __init__(self, dividend: Dim, divisor: Dim) -> None:
        self.dividend: Final = dividend
        self.divisor: Final = divisor
        self.weight: Final = dividend.weight + divisor.weight
        _check_caps(self.weight, dividend, divisor)
        self._hash: Final = hash((dividend, divisor))
        self._text: str | None = None

    @property
    def text(self) -> str:
        """What is printed."""
        if self._text is None:
            self._text = floor_text(self.dividend.terms, self.divisor.terms)
        return self._text

    @property
    def key(self) -> str:
        """What it is sorted by: its text from the first name or number on."""
        return self.text.lstrip("(-")

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Floor)
            and self.dividend == other.dividend
            and self.divisor == other.divisor
        )

    @property
    def parts(self) -> tuple[Terms, Terms]:
        """The polynomials of dividend and divisor."""
        return self.dividend.terms, self.divisor.terms

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Its value; ZeroDivisionError where the divisor is zero at these sizes."""
        return self.dividend.evaluate(sizes) // self.divisor.evaluate(sizes)


Atom: TypeAlias = "Symbol | Floor"
Terms: TypeAlias = dict[tuple[Atom, ...], int]


class Dim:
    """A size: immutable, hashable, equal where the normal forms are equal.

    Make one with `Dim.of`. A constant equals its int, hashes like it, and stands for it as an
    index, in comparisons and in conditions; what isn't constant raises TypeError there.
    Any operation raises SizeTooComplexError past the caps on terms and digits.

    constant: the value of a constant size, else None.
    origin: a second formula for the same number, over the parameters that it was computed from,
        for printing code alone. Arithmetic computes it along; who has none stands for itself.
    """

    __slots__ = ("_hash", "_symbols", "_text", "constant", "origin", "terms")

    def __init__(self, terms: Terms, origin: Dim | None = None) -> None:
        """Of a polynomial in normal form."""
        self.terms: Final = terms
        self.origin: Final = origin
        self.constant: Final = (terms.get(()) if terms else 0) if len(terms) < 2 else None
        self._hash: int | None = None
        self._text: str | None = None
        self._symbols: frozenset[Symbol] | None = None

    @staticmethod
    def of(value: int | Atom | Dim) -> Dim:
        """The size that is this number or atom; a Dim is returned as it is."""
        if isinstance(value, Dim):
            return value
        if isinstance(value, int):
            return Dim({(): int(value)} if value else {})
        return Dim({(value,): 1})

    @property
    def is_constant(self) -> bool:
        """Whether it is a number."""
        return self.constant is not None

    @property
    def symbols(self) -> frozenset[Symbol]:
        """The symbols that occur in its value."""
        if self._symbols is None:
            found: set[Symbol] = set()
            for monomial in self.terms:
                for atom in monomial:
                    if isinstance(atom, Symbol):
                        found.add(atom)
                    else:
                        found |= atom.dividend.symbols | atom.divisor.symbols
            self._symbols = frozenset(found)
        return self._symbols

    @property
    def weight(self) -> int:
        """How many factors its terms have, those inside floors included."""
        return sum(
            1 if isinstance(atom, Symbol) else atom.weight
            for monomial in self.terms
            for atom in monomial
        )

    def with_origin(self, origin: Dim | None) -> Dim:
        """The same value with this origin (whose own origin, if any, is dropped)."""
        if origin is not None and origin.origin is not None:
            origin = Dim(origin.terms)
        return Dim(self.terms, origin)

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Its value at these sizes by symbol name.

        Raises KeyError for a missing size, ZeroDivisionError for a divisor that is zero there.
        """
        total = 0
        for monomial, value in self.terms.items():
            for atom in monomial:
                value *= sizes[atom.name] if isinstance(atom, Symbol) else atom.evaluate(sizes)
            total += value
        return total

    def substitute(self, sizes: Mapping[str, Dim]) -> Dim:
        """Put sizes in the place of symbols by name, all at once, in the value and in the origin.

        Origins of the sizes that are put in are ignored.
        Raises ValueError where that makes a divisor zero or a negative constant.
        """

        def size(atom: Atom) -> Dim | None:
            return sizes.get(atom.name) if isinstance(atom, Symbol) else None

        value = self
        if any(symbol.name in sizes for symbol in self.symbols):
            value = self.replace(size)
        return value if self.origin is None else value.with_origin(self.origin.replace(size))

    def replace(self, size: Callable[[Atom], Dim | None]) -> Dim:
        """Put sizes in the place of the atoms for which `size` has one, without an origin.

        Raises ValueError where that makes a divisor zero or a negative constant.
        """
        total: Terms = {}
        for monomial, coefficient in self.terms.items():
            product = Dim.of(coefficient)
            for atom in monomial:
                factor = size(atom)
                if factor is None and not isinstance(atom, Symbol):
                    factor = _divide(atom.dividend.replace(size), atom.divisor.replace(size))
                product = _product(product, Dim.of(atom) if factor is None else factor)
            total = polynomial.add(total, product.terms)
        return Dim(total)

    def __add__(self, other: Dim | int) -> Dim:
        right = _operand(other)
        if right is None:
            return NotImplemented
        return _with_origin(Dim(polynomial.add(self.terms, right.terms)), add, self, right)

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return self * -1

    def __sub__(self, other: Dim | int) -> Dim:
        right = _operand(other)
        if right is None:
            return NotImplemented
        return _with_origin(Dim(polynomial.add(self.terms, right.terms, -1)), sub, self, right)

    def __rsub__(self, other: int) -> Dim:
        return Dim.of(other) - self

    def __mul__(self, other: Dim | int) -> Dim:
        right = _operand(other)
        if right is None:
            return NotImplemented
        return _with_origin(_product(self, right), mul, self, right)

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim | int) -> Dim:
        """Python's floor division.

        By a positive constant in normal form; by any other size exactly where the polynomials
        divide, else as an opaque atom, whole multiples of a product outside it. Raises
        ValueError for zero or a negative constant.
        """
        right = _operand(other)
        if right is None:
            return NotImplemented
        return _with_origin(_divide(self, right), floordiv, self, right)

    def __rfloordiv__(self, other: int) -> Dim:
        return Dim.of(other) // self

    def __mod__(self, other: Dim | int) -> Dim:
        """`self - other * (self // other)`; raises ValueError as `//` does."""
        right = _operand(other)
        if right is None:
            return NotImplemented
        rest = polynomial.add(self.terms, _product(right, _divide(self, right)).terms, -1)
        return _with_origin(Dim(rest), mod, self, right)

    def __rmod__(self, other: int) -> Dim:
        return Dim.of(other) % self

    def __pow__(self, exponent: int) -> Dim:
        """Its power; raises ValueError for a negative exponent."""
        if exponent < 0:
            raise ValueError("a size has no negative power")
        result = Dim.of(1)
        for _ in range(exponent):
            result = result * self
        return result

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Dim):
            return self.terms == other.terms
        return isinstance(other, int) and self.constant == other

    def __hash__(self) -> int:
        if self._hash is None:
            if self.constant is not None:
                self._hash = hash(self.constant)
            else:
                self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __int__(self) -> int:
        if self.constant is None:
            raise TypeError(f"the size {self} is not a number")
        return self.constant

    __index__ = __int__

    def __bool__(self) -> bool:
        return int(self) != 0

    def __lt__(self, other: Dim | int) -> bool:
        return int(self) < int(other)

    def __le__(self, other: Dim | int) -> bool:
        return int(self) <= int(other)

    def __gt__(self, other: Dim | int) -> bool:
        return int(self) > int(other)

    def __ge__(self, other: Dim | int) -> bool:
        return int(self) >= int(other)

    def __str__(self) -> str:
        """A Python expression of this value over the symbols' names.

        It depends on the value alone: products are found again by factoring.
        """
        if self._text is None:
            shown = self
            if any(symbol.meaning is not None for symbol in self.symbols):
                from .meaning import restored  # only sizes under facts need it

                shown = restored(self)
            self._text = polynomial_text(shown.terms)
        return self._text

    def __repr__(self) -> str:
        return f"<Dim {self}>"


def _operand(value: Dim | int) -> Dim | None:
    if isinstance(value, Dim):
        return value
    return Dim.of(value) if isinstance(value, int) else None


def _with_origin(result: Dim, operation: Callable[[Dim, Dim], Dim], left: Dim, right: Dim) -> Dim:
    if left.origin is None and right.origin is None:
        return result
    first = Dim(left.terms) if left.origin is None else left.origin
    second = Dim(right.terms) if right.origin is None else right.origin
    return Dim(result.terms, operation(first, second))


def _product(left: Dim, right: Dim) -> Dim:
    if left.constant is not None and right.constant is not None:
        product = Dim.of(left.constant * right.constant)
    else:
        product = Dim(polynomial.multiply(left.terms, right.terms))
    _check_caps(product.weight, product)
    return product


def _check_caps(weight: int, *dims: Dim) -> None:
    bits = (scale.bit_length() for dim in dims for scale in dim.terms.values())
    if weight > MAX_WEIGHT or max(bits, default=0) > MAX_BITS:
        raise SizeTooComplexError("this size is too complex")


def _divide(dividend: Dim, divisor: Dim) -> Dim:
    if divisor.constant is not None:
        if divisor.constant <= 0:
            raise ValueError(f"cannot divide the size {dividend} by {divisor}")
        if dividend.constant is not None:
            return Dim.of(dividend.constant // divisor.constant)
        return _floor(dividend.terms, divisor.constant)
    exact = polynomial.divide_exactly(dividend.terms, divisor.terms)
    if exact is not None:
        return Dim(exact)
    top, bottom = polynomial.cancel(dividend.terms, divisor.terms)
    if set(bottom) == {()}:
        return _floor(top, bottom[()])
    whole, rest = polynomial.split_multiples(top, bottom)
    if whole:
        return Dim(polynomial.add(whole, _divide(Dim(rest), Dim(bottom)).terms))
    return Dim({(Floor(Dim(top), Dim(bottom)),): 1})


def _floor(terms: Terms, divisor: int) -> Dim:
    whole, sign, rest, divisor = normal_floor(terms, divisor)
    if not rest:
        return Dim(whole)
    atom = Floor(Dim(rest), Dim.of(divisor))
    return Dim(polynomial.add(whole, {(atom,): sign}))
