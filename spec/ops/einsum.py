"""Sums of products by index letters.

Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
"""

from collections.abc import Sequence
from typing import Annotated

from ..kinds import Kind
from ..refusal import Refusal
from ..tensor.check import broadcast, is_one, need_equal
from ..tensor.cost import spend
from ..tensor.dim import Dim
from ..tensor.type import Shape, TensorType, product, shape_text
from .base import TensorOrTensors, function, spread
from .matrix import need_number, need_same_dtype


class Equation(Kind):
    """Index letters of the operands, and of the result: "bij,bjk->bik"."""

    expects = 'an equation such as "ij,jk->ik"'

    def read(self, value: object) -> str:
        if isinstance(value, str):
            return value
        raise self.refused(value)


@function("torch")
def einsum(equation: Annotated[str, Equation()], *operands: TensorOrTensors) -> TensorType:
    """The result of an equation over index letters, `...` standing for further dimensions."""
    return _summed(equation, spread(operands, "operands"))


def _summed(equation: str, operands: Sequence[TensorType]) -> TensorType:
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise Refusal(
            f"the equation names {len(terms)} operands, given are {len(operands)}",
            argument="equation",
            other="operands",
        )
    if not operands:
        raise Refusal("einsum needs an operand", argument="operands")
    sizes: dict[str, Dim] = {}
    rests = [_bound(term, operand, sizes) for term, operand in zip(terms, operands, strict=True)]
    rest = broadcast(*rests)
    for operand in operands[1:]:
        need_same_dtype("operands", operand, "operands", operands[0])
    if len(operands) > 1:
        need_number(operands[0].dtype, "operands")
    output = right if arrow else _implicit(terms)
    _spend(terms, output, sizes, rest)
    return operands[0].with_shape(_result(output, sizes, rest))


def _spend(terms: Sequence[str], output: str, sizes: dict[str, Dim], rest: Shape) -> None:
    """One product of matrices for each operand after the first, from left to right; what neither
    the output nor a later operand reads has been summed away."""
    held = set(terms[0])
    for place, term in enumerate(terms[1:], start=1):
        held |= set(term)
        letters = sorted(held & sizes.keys())
        spend(2 * product((*rest, *(sizes[letter] for letter in letters))))
        held &= {*output, *(letter for later in terms[place + 1 :] for letter in later)}


def _bound(term: str, operand: TensorType, sizes: dict[str, Dim]) -> Shape:
    """Gives the term's letters their sizes; what `...` stands for is returned."""
    before, dots, after = term.partition("...")
    _need_letters(before + after)
    named = len(before) + len(after)
    if operand.rank < named or (operand.rank > named and not dots):
        raise Refusal(
            f'"{term}" names {named} dimensions, seen is {shape_text(operand.shape)}',
            code="shape-mismatch",
            argument="operands",
            other="equation",
        )
    end = operand.rank - len(after)
    for letter, size in zip(
        before + after, operand.shape[: len(before)] + operand.shape[end:], strict=True
    ):
        seen = sizes.get(letter)
        if seen is None or is_one(seen):
            sizes[letter] = size
        elif not is_one(size):
            what = f'the sizes of "{letter}" must be equal'
            need_equal(seen, size, what, argument="operands", other="equation")
    return operand.shape[len(before) : end]


def _need_letters(letters: str) -> None:
    if not all(letter.isascii() and letter.isalpha() for letter in letters):
        raise Refusal(f'an index is a letter, seen is "{letters}"', argument="equation")


def _implicit(terms: Sequence[str]) -> str:
    """Without an arrow: `...`, then the letters that stand once, in the alphabet's order."""
    text = "".join(terms).replace("...", "")
    once = sorted(letter for letter in set(text) if text.count(letter) == 1)
    return "..." + "".join(once)


def _result(output: str, sizes: dict[str, Dim], rest: Shape) -> Shape:
    before, dots, after = output.partition("...")
    letters = before + after
    _need_letters(letters)
    for letter in letters:
        problem = "nowhere else" if letter not in sizes else "twice"
        if letter not in sizes or letters.count(letter) > 1:
            raise Refusal(f'"{letter}" of the result stands {problem}', argument="equation")
    return (
        *(sizes[letter] for letter in before),
        *(rest if dots else ()),
        *(sizes[letter] for letter in after),
    )
