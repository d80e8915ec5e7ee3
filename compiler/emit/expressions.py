"""Expressions as layout documents, in the Black code style.

A document depends on what surrounds its expression: between brackets every operator may start a
line, in a bare statement none, within optional parentheses only if these appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

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
    GeneratorExp,
    IfExp,
    JoinedStr,
    List,
    Name,
    Slice,
    Starred,
    Subscript,
    Tuple,
    UnaryOp,
)
from .layout import SOFT, SPACE, Bracket, Doc, Group, IfBroken, Parens, block, joined, layout
from .literals import literal


class Level(Enum):
    """What surrounds an expression, where that is not a pair of optional parentheses."""

    BARE = "bare"
    INSIDE = "inside brackets"


Context: TypeAlias = Level | Parens


@dataclass(frozen=True, slots=True)
class Enclosed:
    """An expression in parentheses that its place requires."""

    value: Expression


Operand: TypeAlias = Expression | Enclosed

# How tightly an expression binds, from loose to tight.
CONDITIONAL, OR, AND, NOT, COMPARE, BIT_OR, UNARY, POWER, ATOM = 1, 2, 3, 4, 5, 6, 12, 13, 14
_BINARY = {"|": 6, "^": 7, "&": 8, "<<": 9, ">>": 9, "+": 10, "-": 10, "**": POWER}
_MULTIPLICATIVE = 11


def precedence(node: Expression) -> int:
    """How tightly the expression binds."""
    match node:
        case IfExp():
            return CONDITIONAL
        case BoolOp(op, _):
            return OR if op == "or" else AND
        case Compare():
            return COMPARE
        case UnaryOp(op, _):
            return NOT if op == "not" else UNARY
        case BinOp(_, op, _):
            return _BINARY.get(op, _MULTIPLICATIVE)
        case Constant(value) if isinstance(value, int | float) and literal(value)[0] == "-":
            return UNARY
        case _:
            return ATOM


def operand(node: Expression, minimum: int) -> Operand:
    """The expression, in parentheses if it binds less tightly than `minimum`."""
    return node if precedence(node) >= minimum else Enclosed(node)


def receiver(node: Expression) -> Operand:
    """The expression before a dot, a call or a subscript."""
    number = isinstance(node, Constant) and type(node.value) in (int, float)
    return Enclosed(node) if number else operand(node, ATOM)


def operands(node: Expression) -> list[Operand]:
    """The parts of an expression that no bracket of its own encloses, from left to right."""
    match node:
        case BinOp(left, "**", right):
            return [operand(left, ATOM), operand(right, UNARY)]
        case BinOp(left, _, right):
            level = precedence(node)
            return [operand(left, level), operand(right, level + 1)]
        case Compare(left, _, comparators):
            return [operand(value, BIT_OR) for value in (left, *comparators)]
        case BoolOp(_, values):
            # Between `or`s, an `and` is seen better in parentheses.
            return [operand(value, AND + 1) for value in values]
        case UnaryOp(_, value):
            power = isinstance(value, BinOp) and value.op == "**"
            return [Enclosed(value) if power else operand(value, precedence(node))]
        case IfExp(test, body, orelse):
            return [operand(body, OR), operand(test, OR), orelse]
        case Call(value, _, _) | Attribute(value, _) | Subscript(value, _):
            return [receiver(value)]
        case _:
            return []


def document(node: Operand, context: Context) -> Doc:
    """The layout document of an expression."""
    match node:
        case Enclosed(value):
            return _bracketed("(", document(value, Level.INSIDE), ")", context)
        case Name(text):
            return text
        case Constant(value):
            return literal(value)
        case Call() | Attribute() | Subscript():
            return _chain(node, context)
        case Tuple(items):
            content = (argument(items[0]), ",") if len(items) == 1 else _items(items)
            return _bracketed("(", content, ")", context)
        case List((GeneratorExp() as loop,)):
            return _bracketed("[", Group(argument(loop)), "]", context)
        case List(items):
            return _bracketed("[", _items(items), "]", context)
        case Dict(pairs):
            entries = [
                Group((document(key, Level.INSIDE), ": ", document(value, Level.INSIDE)))
                for key, value in pairs
            ]
            return _bracketed("{", comma_separated(entries), "}", context)
        case DictComp(key, value, target, iterable):
            pair = Group((document(key, Level.INSIDE), ": ", document(value, Level.INSIDE)))
            content = Group((pair, SPACE, _clause(target, iterable)))
            return _bracketed("{", content, "}", context)
        case JoinedStr(values):
            return f'f"{"".join(map(_interpolated, values))}"'
        case UnaryOp(op, _):
            return (op, " " if op == "not" else "", document(operands(node)[0], context))
        case BinOp() | Compare() | BoolOp():
            return _group(_operations(_flattened(node), context), context)
        case IfExp():
            return _group(_conditional(node, context), context)
        case _:
            raise TypeError(f"not an expression: {node!r}")


def argument(node: object) -> Doc:
    """What may stand between the brackets of a call or a display, beside expressions."""
    match node:
        case Starred(value):
            if isinstance(value, GeneratorExp):
                return ("*", _bracketed("(", argument(value), ")", Level.INSIDE))
            return ("*", document(operand(value, BIT_OR), Level.INSIDE))
        case GeneratorExp(element, target, iterable):
            return (Group(document(element, Level.INSIDE)), SPACE, _clause(target, iterable))
        case Slice():
            return _slice(node)
        case _:
            return document(node, Level.INSIDE)  # type: ignore[arg-type]


def _clause(target: Name | Tuple, iterable: Expression) -> Doc:
    source = document(operand(iterable, OR), Level.INSIDE)
    return Group(("for ", *_loop_target(target), " in ", source))


def _interpolated(part: str | Expression) -> str:
    """A part of an f-string, on one line however long."""
    if isinstance(part, str):
        return part
    return f"{{{layout(document(part, Level.BARE), 0, 1 << 30)}}}"


def _loop_target(node: Name | Tuple) -> Sequence[Doc]:
    """A loop's target between brackets, where no parentheses would help it to break."""
    if isinstance(node, Tuple) and len(node.items) > 1:
        return joined([argument(item) for item in node.items], ", ")
    return [document(node, Level.INSIDE)]


def bare(node: Expression, context: Context) -> Doc:
    """A target, or a value: a tuple of two or more stands without parentheses."""
    if isinstance(node, Tuple) and len(node.items) > 1:
        return if_broken(_items(node.items))
    return document(node, context)


def if_broken(content: Doc) -> Doc:
    """Content, between parentheses if it breaks."""
    return Group((IfBroken("("), block(content), IfBroken(")")))


def comma_separated(items: Sequence[Doc], always: bool = False) -> Doc:
    """Items, with a comma behind the last if they break: `always`, or only behind several."""
    if not items:
        return ""
    comma = IfBroken(",") if always or len(items) > 1 else ""
    return (*joined(items, (",", SPACE)), comma)


def arguments(items: Sequence[Doc], context: Context) -> Doc:
    """A call's arguments: all on one line of their own before one to a line."""
    return _bracketed("(", Group(comma_separated(items)) if items else "", ")", context)


def _items(items: Sequence[object]) -> Doc:
    return comma_separated([argument(item) for item in items])


def _bracketed(left: str, content: Doc, right: str, context: Context) -> Doc:
    if content == "":
        return left + right
    inside = Group(block(content))
    return (left, Bracket(inside, context) if isinstance(context, Parens) else inside, right)


def _group(content: Doc, context: Context) -> Doc:
    match context:
        case Level.BARE:
            return content
        case Level.INSIDE:
            return Group(content)
        case parens:
            return Group(content, when=parens)


def _line(context: Context, flat: str) -> Doc:
    """A line end where the context allows one."""
    match context:
        case Level.BARE:
            return flat
        case Level.INSIDE:
            return SPACE if flat else SOFT
        case parens:
            return IfBroken(SPACE if flat else SOFT, flat, when=parens)


def _space_if_broken(context: Context) -> Doc:
    match context:
        case Level.BARE:
            return ""
        case Level.INSIDE:
            return IfBroken(" ")
        case parens:
            return IfBroken(" ", when=parens)


def _chain(node: Expression, context: Context) -> Doc:
    """Attributes, calls and subscripts: fluent, one to a line, if several are called."""
    fluent = context is not Level.BARE and is_fluent(node)
    parts: list[Doc] = []
    current: Operand = node
    while isinstance(current, Call | Attribute | Subscript):
        inner = receiver(current.value if not isinstance(current, Call) else current.func)
        match current:
            case Attribute(_, attr):
                starts_line = fluent and isinstance(inner, Call | Subscript | Enclosed)
                parts += ["." + attr, SOFT if starts_line else ""]
            case Call(_, args, keywords):
                items = [argument(item) for item in args]
                items += [(item.arg, "=", argument(item.value)) for item in keywords]
                parts.append(arguments(items, context))
            case Subscript(_, Tuple(indices)) if len(indices) > 1:
                parts.append(_bracketed("[", Group(_items(indices)), "]", context))
            case Subscript(_, index):
                parts.append(_bracketed("[", argument(index), "]", context))
        current = inner
    parts.append(document(current, context))
    return Group(tuple(reversed(parts))) if fluent else tuple(reversed(parts))


def is_fluent(node: Expression) -> bool:
    """Whether two attributes or more are read from calls or subscripts."""
    count = 0
    current: Operand = node
    while isinstance(current, Call | Attribute | Subscript):
        inner = receiver(current.value if not isinstance(current, Call) else current.func)
        read = isinstance(current, Attribute)
        count += read and isinstance(inner, Call | Subscript | Enclosed)
        current = inner
    return count >= 2


def _slice(node: Slice) -> Doc:
    bounds = (node.lower, node.upper, node.step)
    lower, upper, step = (
        "" if bound is None else document(bound, Level.INSIDE) for bound in bounds
    )
    space = "" if all(map(_is_simple_bound, bounds)) else " "
    text: list[Doc] = [lower, space if lower else "", ":", space if upper else "", upper]
    if step:
        text += [space if upper else "", ":", space, step]
    return tuple(text)


def _is_simple_bound(node: Expression | None) -> bool:
    match node:
        case UnaryOp(op, value):
            return op != "not" and _is_simple_bound(value)
        case Name(text):
            return "." not in text
        case _:
            return node is None or isinstance(node, Constant)


def _conditional(node: IfExp, context: Context) -> Doc:
    body, test, orelse = operands(node)
    return (
        document(body, context),
        _line(context, " "),
        "if ",
        document(test, context),
        _line(context, " "),
        "else ",
        _conditional(orelse, context) if isinstance(orelse, IfExp) else document(orelse, context),
    )


def _flattened(node: Operand) -> list[tuple[str, int, Operand]]:
    """Operators with precedence, each before its operand; the first operand's is empty."""
    match node:
        case BinOp(_, operator, _):
            ops: list[str] = [operator]
        case BoolOp(junction, values):
            ops = [junction] * (len(values) - 1)
        case Compare(_, comparisons, _):
            ops = list(comparisons)
        case _:
            return [("", 0, node)]
    # Black breaks before `and` and `or` alike.
    level = OR if isinstance(node, BoolOp) else precedence(node)
    first, *rest = operands(node)
    flat = _flattened(first)
    for op, value in zip(ops, rest, strict=True):
        (_, _, head), *tail = _flattened(value)
        flat += [(op, level, head), *tail]
    return flat


def _operations(flat: list[tuple[str, int, Operand]], context: Context) -> Doc:
    """Operands that break before each of their loosest operators."""
    if len(flat) == 1:
        return document(flat[0][2], context)
    loosest = min(level for _, level, _ in flat[1:])
    starts = [0, *(i for i, (_, level, _) in enumerate(flat) if i and level == loosest)]
    chunks = [flat[i:j] for i, j in zip(starts, [*starts[1:], len(flat)], strict=True)]
    parts: list[Doc] = []
    for previous, chunk in zip([[], *chunks], chunks, strict=False):
        op = chunk[0][0] if previous else ""
        if op == "**" and _is_simple(previous[-1][2]) and _is_simple(chunk[0][2]):
            parts += [_line(context, ""), op, _space_if_broken(context)]
        elif previous:
            parts += [_line(context, " "), op, " "]
        inner = _operations(chunk, context)
        parts.append(inner if len(chunk) == 1 else _group(inner, context))
    return tuple(parts)


def _is_simple(node: Operand) -> bool:
    """Whether a power's operand hugs its operator."""
    match node:
        case Name():
            return True
        case Constant(constant):
            return constant is not ... and not isinstance(constant, str)
        case UnaryOp(op, value):
            return op != "not" and _is_simple(value)
        case Attribute(value, _):
            return _is_simple(value)
        case _:
            return False
