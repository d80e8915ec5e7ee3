"""Text -> expression. Python's own parser reads it; only what the language has is let through."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import Final

from .nodes import (
    Attribute,
    Binary,
    BinaryOperator,
    Boolean,
    BooleanOperator,
    Call,
    Compare,
    CompareOperator,
    Conditional,
    Constant,
    Expression,
    Name,
    Range,
    Sequence,
    Slice,
    Subscript,
    Unary,
    UnaryOperator,
)

MAX_LENGTH: Final = 8_000
MAX_DEPTH: Final = 60
MAX_DIGITS: Final = 18
MAX_FRACTION: Final = 40

_STRING: Final = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_BINARY: Final[dict[type[ast.operator], BinaryOperator]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
_UNARY: Final[dict[type[ast.unaryop], UnaryOperator]] = {
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Not: "not",
}
_COMPARE: Final[dict[type[ast.cmpop], CompareOperator]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_REFUSED: Final[dict[str, str]] = {
    "Lambda": "a lambda",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "NamedExpr": "an assignment",
    "JoinedStr": "an f-string",
    "TemplateStr": "a template string",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "Starred": "a star",
    "Dict": "a dict",
    "Set": "a set",
}


class ExpressionError(Exception):
    """A string that is no expression of the language: a message, the range, a help."""

    def __init__(self, message: str, at: Range, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.help = help


def parse(text: str) -> Expression:
    """The expression that a string holds. Raises `ExpressionError`."""
    _check_limits(text)
    return parse_printed(text)


def parse_printed(text: str) -> Expression:
    """The expression that was printed, such as a `Dim`: no limits of what is written hold."""
    # In parentheses, so that line breaks are free; the bracket stands on a line of its own.
    source = f"(\n{text}\n)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        raise _syntax_error(text, error) from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionError("this expression is too deeply nested", (0, len(text))) from None
    if isinstance(tree.body, ast.Tuple) and tree.body.lineno == 1 and not tree.body.elts:
        raise ExpressionError("an expression is expected, the string is empty", (0, len(text)))
    return _Reader(text).read(tree.body)


def _check_limits(text: str) -> None:
    """Refuses what could bring Python's own parser or a later recursion to its limits."""
    everything = (0, len(text))
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"an expression of {len(text):,} characters; at most {MAX_LENGTH:,} are allowed",
            everything,
            "give parts of it names of their own, as entries before this one",
        )
    plain = _STRING.sub(lambda match: " " * len(match.group()), text)
    if odd := re.search(r"[#\\\0]", plain):
        what = "holds no comments" if odd.group() == "#" else "holds no such character"
        raise ExpressionError(f"an expression {what}", odd.span())
    if digits := re.search(rf"(?<![\w.])[0-9][0-9_]{{{MAX_DIGITS},}}", plain):
        raise ExpressionError(f"a number of more than {MAX_DIGITS} digits", digits.span())
    if digits := re.search(rf"\.[0-9_]{{{MAX_FRACTION + 1},}}", plain):
        said = f"a number of more than {MAX_FRACTION} digits after its point"
        raise ExpressionError(said, digits.span())
    if letters := re.search(r"[^\x00-\x7f]+", plain):
        raise ExpressionError("names are plain ASCII", letters.span())
    if quote := re.search(r"""['"]""", plain):
        raise ExpressionError("this string is never closed", quote.span())
    _check_brackets(plain)


def _check_brackets(plain: str) -> None:
    """Refuses brackets that don't pair up: Python's parser sees one more around the text."""
    opened: list[int] = []
    for place, character in enumerate(plain):
        if character in "([{":
            opened.append(place)
            if len(opened) > MAX_DEPTH:
                raise ExpressionError("brackets are nested too deeply", (place, place + 1))
        elif character in ")]}":
            if not opened:
                raise ExpressionError("this bracket was never opened", (place, place + 1))
            if plain[opened.pop()] + character not in ("()", "[]", "{}"):
                problem = "this bracket closes one of another kind"
                raise ExpressionError(problem, (place, place + 1))
    if opened:
        raise ExpressionError("this bracket is never closed", (opened[-1], opened[-1] + 1))


def _syntax_error(text: str, error: SyntaxError) -> ExpressionError:
    """Python's complaint with its place brought back to the string."""
    lines = text.split("\n")
    row = max((error.lineno or 2) - 2, 0)
    message = error.msg or ""
    if "generator" in message or "comprehension" in message:
        return ExpressionError("a comprehension is not part of the language", (0, len(text)))
    start = len(text.rstrip())
    if row < len(lines):
        start = sum(len(line) + 1 for line in lines[:row])
        start += min(max((error.offset or 1) - 1, 0), len(lines[row]))
    for sign, (said, help) in _SLIPS.items():
        if sign in message:
            return ExpressionError(said, (start, min(start + 1, len(text))), help)
    token = re.compile(r"\w+|\S").search(text, start)
    if token is None:
        return ExpressionError("this expression breaks off: something is missing", (start, start))
    at = token.span()
    if token.group() == "=":
        return ExpressionError("one = is no comparison", at, "compare with ==")
    return ExpressionError(f"{token.group()} is not expected here", at)


# What Python says, in its versions' words -> what is said here, and a help.
_SLIPS: Final[dict[str, tuple[str, str | None]]] = {
    "'=='": ("one = is no comparison", "compare with =="),
    "leading zeros": ("a number has no leading zeros", None),
    "comma": ("an operator or a comma is missing behind this value", None),
    "literal": ("this is no number", "a name does not begin with a digit"),
    "'else'": ("a conditional needs both sides", "a if condition else b"),
    "follows keyword": ("arguments by place stand before those by name", None),
    "starred": ("a star is not part of the language", None),
    "call to": ("a function is called with brackets", "print and exec are no functions here"),
}


class _Reader:
    """Turns Python's tree into the language's nodes."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._length = len(text)

    def read(self, node: ast.expr, depth: int = 0) -> Expression:
        at = self._range(node)
        if depth > MAX_DEPTH:
            raise ExpressionError(
                "this expression is too deeply nested",
                at,
                "give parts of it names of their own, as entries before this one",
            )
        reader: Callable[[ast.expr, Range, int], Expression] | None = getattr(
            self, f"_{type(node).__name__.lower()}", None
        )
        if reader is None:
            what = _REFUSED.get(type(node).__name__, "this")
            raise ExpressionError(f"{what} is not part of the language", at)
        return reader(node, at, depth + 1)

    def _range(self, node: ast.expr) -> Range:
        # Python counts columns in UTF-8 bytes; a tuple without brackets takes the ones around it.
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return max(start, 0), min(max(end, start), self._length)

    def _offset(self, line: int, column: int) -> int:
        row = line - 2
        if row < 0:
            return 0
        if row >= len(self._lines):
            return self._length
        text = self._lines[row]
        characters = column if text.isascii() else len(text.encode()[:column].decode())
        return self._starts[row] + characters

    def _constant(self, node: ast.Constant, at: Range, depth: int) -> Expression:
        if isinstance(node.value, complex | bytes):
            kind = "a complex number" if isinstance(node.value, complex) else "a byte string"
            raise ExpressionError(f"{kind} is not part of the language", at)
        return Constant(node.value, at)

    def _name(self, node: ast.Name, at: Range, depth: int) -> Expression:
        if not node.id.isascii():
            raise ExpressionError("names are plain ASCII", at)
        return Name(node.id, at)

    def _attribute(self, node: ast.Attribute, at: Range, depth: int) -> Expression:
        if not node.attr.isascii():
            raise ExpressionError("names are plain ASCII", at)
        return Attribute(self.read(node.value, depth), node.attr, at)

    def _call(self, node: ast.Call, at: Range, depth: int) -> Expression:
        keywords: list[tuple[str, Expression]] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                raise ExpressionError("** is not part of the language", self._range(keyword.value))
            if keyword.arg in dict(keywords):
                problem = f"the argument {keyword.arg} is given twice"
                raise ExpressionError(problem, self._range(keyword.value))
            keywords.append((keyword.arg, self.read(keyword.value, depth)))
        args = tuple(self.read(arg, depth) for arg in node.args)
        return Call(self.read(node.func, depth), args, tuple(keywords), at)

    def _subscript(self, node: ast.Subscript, at: Range, depth: int) -> Expression:
        return Subscript(self.read(node.value, depth), self.read(node.slice, depth), at)

    def _slice(self, node: ast.Slice, at: Range, depth: int) -> Expression:
        lower, upper, step = (
            None if part is None else self.read(part, depth)
            for part in (node.lower, node.upper, node.step)
        )
        return Slice(lower, upper, step, at)

    def _tuple(self, node: ast.Tuple, at: Range, depth: int) -> Expression:
        return Sequence(tuple(self.read(item, depth) for item in node.elts), "(", at)

    def _list(self, node: ast.List, at: Range, depth: int) -> Expression:
        return Sequence(tuple(self.read(item, depth) for item in node.elts), "[", at)

    def _unaryop(self, node: ast.UnaryOp, at: Range, depth: int) -> Expression:
        return Unary(_UNARY[type(node.op)], self.read(node.operand, depth), at)

    def _binop(self, node: ast.BinOp, at: Range, depth: int) -> Expression:
        op = _BINARY.get(type(node.op))
        if op is None:
            raise ExpressionError("shifts are not part of the language", at)
        return Binary(self.read(node.left, depth), op, self.read(node.right, depth), at)

    def _compare(self, node: ast.Compare, at: Range, depth: int) -> Expression:
        operands = tuple(self.read(item, depth) for item in (node.left, *node.comparators))
        ops = [_COMPARE.get(type(op)) for op in node.ops]
        if None in ops:
            raise ExpressionError("`in` is not part of the language", at)
        return Compare(operands, tuple(op for op in ops if op), at)

    def _boolop(self, node: ast.BoolOp, at: Range, depth: int) -> Expression:
        op: BooleanOperator = "and" if isinstance(node.op, ast.And) else "or"
        return Boolean(op, tuple(self.read(value, depth) for value in node.values), at)

    def _ifexp(self, node: ast.IfExp, at: Range, depth: int) -> Expression:
        test, body, orelse = (self.read(n, depth) for n in (node.test, node.body, node.orelse))
        return Conditional(test, body, orelse, at)
