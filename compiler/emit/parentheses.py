"""Which statements' expressions get parentheses when they need several lines.

The rules are those of the Black code style: prefer to break inside the brackets that an expression
brings along, unless its operators would then be hard to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .code import (
    Attribute,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Constant,
    Dict,
    DictComp,
    Expression,
    IfExp,
    JoinedStr,
    List,
    Name,
    Subscript,
    Tuple,
    UnaryOp,
)
from .expressions import (
    Enclosed,
    Level,
    Operand,
    document,
    if_broken,
    is_fluent,
    operands,
    precedence,
)
from .layout import SOFT, BestFit, Doc, Group, IfBroken, Indent, Parens

# Precedences as the style orders them for breaking; the tightest is an attribute's dot.
_ATTRIBUTE = 20


class Need(Enum):
    """When an expression of a statement gets parentheses."""

    NEVER = "never"
    IF_IT_FITS = "if they make it fit"
    IF_IT_BREAKS = "if it needs several lines"


def need(node: Operand) -> Need:
    """When the expression gets parentheses."""
    match node:
        case Name() | Constant() | JoinedStr():
            return Need.IF_IT_FITS
        case BinOp() | Compare() | BoolOp() | IfExp():
            return Need.IF_IT_BREAKS
        case UnaryOp():
            return need(operands(node)[0])
        case Call() | Attribute() | Subscript():
            return Need.IF_IT_BREAKS if is_fluent(node) else need(operands(node)[0])
        case _:
            return Need.NEVER


def optional(node: Expression, *, only_if_it_breaks: bool = False) -> Doc:
    """An expression as a statement holds it, parenthesized where the style says so."""
    needed = need(node)
    parens = Parens()
    if needed is Need.NEVER or (needed is Need.IF_IT_FITS and only_if_it_breaks):
        return document(node, Level.BARE)
    if needed is Need.IF_IT_FITS:
        return BestFit(document(node, parens), parens)
    return unless_brackets(node)


def unless_brackets(node: Expression) -> Doc:
    """An expression between parentheses if it breaks, other than in brackets at its ends."""
    parens = Parens()
    if not _brackets_suffice(node):
        return if_broken(document(node, Level.INSIDE))
    content = document(node, parens)
    return Group((IfBroken("("), Indent((SOFT, content), when=parens), SOFT, IfBroken(")")), parens)


def has_brackets(node: Operand) -> bool:
    """Whether the expression ends in brackets, be they empty, or stands in parentheses."""
    return isinstance(node, Enclosed | Call | Subscript | Tuple | List | Dict | DictComp)


def may_break(node: Expression) -> bool:
    """Whether the expression has brackets at its end or before its last attributes."""
    if isinstance(node, Attribute):
        value = operands(node)[0]
        return has_brackets(value) or (not isinstance(value, Enclosed) and may_break(value))
    return has_brackets(node)


def _brackets_suffice(node: Expression) -> bool:
    """Whether breaking inside the expression's brackets reads better than parentheses."""
    survey = _Survey()
    survey.inside(node)
    if not survey.any_brackets or survey.count > 1:
        return False
    if survey.loosest >= _ATTRIBUTE:
        return True
    return any(end is not None and _breaks(end) for end in (survey.last, survey.first))


def _breaks(node: Operand) -> bool:
    """Whether brackets that are not empty enclose or end the expression."""
    match node:
        case Call(_, args, keywords):
            return bool(args or keywords)
        case Tuple(items) | List(items) | Dict(items):
            return bool(items)
        case _:
            return isinstance(node, Enclosed | DictComp)


@dataclass(slots=True)
class _Survey:
    """What stands outside of brackets: the loosest operators and the two ends."""

    loosest: int = _ATTRIBUTE + 1
    count: int = 0
    any_brackets: bool = False
    first: Operand | None = None
    first_is_token: bool = False
    last: Operand | None = None

    def visit(self, node: Operand) -> None:
        self.last = node
        if isinstance(node, Enclosed):
            self.any_brackets = True
        else:
            self.inside(node)
        if self.first is None and not self.first_is_token:
            self.first = node

    def inside(self, node: Expression) -> None:
        match node:
            case BinOp():
                self._operators(precedence(node), 1)
            case Compare(_, ops, _):
                self._operators(5, len(ops))
            case BoolOp(_, values):
                self._operators(2, len(values) - 1)
            case IfExp():
                self._operators(1, 2)
            case UnaryOp(op, _):
                if op == "~":
                    self._operators(12, 1)
                self.first_is_token = self.first is None
            case Call() | Subscript() | Tuple() | List() | Dict() | DictComp():
                self.any_brackets = True
        for part in operands(node):
            self.visit(part)
        if isinstance(node, Attribute) and has_brackets(operands(node)[0]):
            self._operators(_ATTRIBUTE, 1)
        if isinstance(node, Call | Subscript | Attribute):
            self.last = node

    def _operators(self, level: int, count: int) -> None:
        if level < self.loosest:
            self.loosest, self.count = level, count
        elif level == self.loosest:
            self.count += count
