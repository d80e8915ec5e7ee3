"""The Python that the compiler can write, as data: the only way into the output.

Every node checks its own text when it is made, so a value that is not an identifier, a literal, a
comment or a docstring can never reach a generated file. Names follow Python's `ast` where it has
them. `printer.render` turns statements into text.
"""

from __future__ import annotations

import keyword
import math
from dataclasses import dataclass
from types import EllipsisType
from typing import Literal, TypeAlias, get_args

UnaryOperator = Literal["-", "+", "~", "not"]
BinaryOperator = Literal["|", "^", "&", "<<", ">>", "+", "-", "*", "@", "/", "//", "%", "**"]
CompareOperator = Literal["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]
BooleanOperator = Literal["and", "or"]

# CPython reads no longer integer from source text by default.
_INTEGER_DIGITS = 4300


def _check_identifier(text: str) -> None:
    """Raise ValueError unless `text` is one ASCII identifier that can be bound."""
    valid = type(text) is str and text.isascii() and text.isidentifier()
    if not valid or keyword.iskeyword(text) or text == "__debug__":
        raise ValueError(f"not an identifier: {text!r}")


def _check_dotted(text: str) -> None:
    """Raise ValueError unless `text` is identifiers joined by dots."""
    if type(text) is not str:
        raise ValueError(f"not a name: {text!r}")
    for part in text.split("."):
        _check_identifier(part)


def _check_comment(text: str | None) -> None:
    """Raise ValueError if `text` would not stay on the line of its `#`."""
    if text is not None and (type(text) is not str or text.splitlines() not in ([], [text])):
        raise ValueError(f"not a comment of one line: {text!r}")


def _check_docstring(text: str | None) -> None:
    """Raise ValueError for a docstring without any text."""
    if text is not None and (type(text) is not str or not text.strip()):
        raise ValueError(f"not a docstring: {text!r}")


def _check_body(body: tuple[Statement, ...], docstring: str | None = None) -> None:
    """Raise ValueError for a block that Python could not parse, having no statement."""
    if docstring is None and all(isinstance(statement, Comment) for statement in body):
        raise ValueError("a block needs a statement or a docstring")


def _check_operator(op: str, allowed: object) -> None:
    """Raise ValueError unless `op` is one of a Literal type's operators."""
    if op not in get_args(allowed):
        raise ValueError(f"not an operator: {op!r}")


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, or several joined by dots: `x`, `self.fc1`, `nn.Linear`."""

    id: str

    def __post_init__(self) -> None:
        _check_dotted(self.id)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. Infinities and nan have none: write `math.inf`, `math.nan`."""

    value: int | float | bool | str | EllipsisType | None

    def __post_init__(self) -> None:
        value = self.value
        if type(value) not in (int, float, bool, str, EllipsisType, type(None)):
            raise ValueError(f"not a literal: a {type(value).__name__}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"not a literal: {value}")
        if isinstance(value, int) and abs(value) >= 10**_INTEGER_DIGITS:
            raise ValueError(f"not a literal: an integer of over {_INTEGER_DIGITS} digits")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword argument of a call."""

    arg: str
    value: Expression

    def __post_init__(self) -> None:
        _check_identifier(self.arg)


@dataclass(frozen=True, slots=True)
class Call:
    """A call. A generator expression must be its only argument."""

    func: Expression
    args: tuple[Expression | Starred | GeneratorExp, ...] = ()
    keywords: tuple[Keyword, ...] = ()

    def __post_init__(self) -> None:
        names = [keyword.arg for keyword in self.keywords]
        if len(set(names)) < len(names):
            raise ValueError(f"repeated keyword argument: {names}")
        several = len(self.args) + len(self.keywords) > 1
        if several and any(isinstance(argument, GeneratorExp) for argument in self.args):
            raise ValueError("a generator expression must be a call's only argument")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a value that is no dotted name: `f(x).shape`."""

    value: Expression
    attr: str

    def __post_init__(self) -> None:
        _check_identifier(self.attr)


@dataclass(frozen=True, slots=True)
class Slice:
    """`lower:upper:step`, alone in a subscript or in a subscript's tuple."""

    lower: Expression | None = None
    upper: Expression | None = None
    step: Expression | None = None


@dataclass(frozen=True, slots=True)
class Subscript:
    """An indexed value. Several indices are a `Tuple`, which may then hold slices."""

    value: Expression
    index: Expression | Slice

    def __post_init__(self) -> None:
        items = self.index.items if isinstance(self.index, Tuple) else ()
        if len(items) == 1 and isinstance(items[0], Slice):
            raise ValueError("one slice is an index by itself, without a tuple")


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value`, in the arguments of a call, a tuple or a list."""

    value: Expression | GeneratorExp


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple; slices only as the index of a subscript."""

    items: tuple[Expression | Starred | Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class List:
    """A list display."""

    items: tuple[Expression | Starred, ...] = ()


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict display, as pairs of key and value."""

    items: tuple[tuple[Expression, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class UnaryOp:
    """An operator before its operand."""

    op: UnaryOperator
    operand: Expression

    def __post_init__(self) -> None:
        _check_operator(self.op, UnaryOperator)


@dataclass(frozen=True, slots=True)
class BinOp:
    """An arithmetic or bitwise operator between two operands."""

    left: Expression
    op: BinaryOperator
    right: Expression

    def __post_init__(self) -> None:
        _check_operator(self.op, BinaryOperator)


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain of comparisons: `left ops[0] comparators[0] ops[1] …`."""

    left: Expression
    ops: tuple[CompareOperator, ...]
    comparators: tuple[Expression, ...]

    def __post_init__(self) -> None:
        for op in self.ops:
            _check_operator(op, CompareOperator)
        if not self.ops or len(self.ops) != len(self.comparators):
            raise ValueError("a comparison needs one comparator for each operator")


@dataclass(frozen=True, slots=True)
class BoolOp:
    """`and` or `or` between two values or more."""

    op: BooleanOperator
    values: tuple[Expression, ...]

    def __post_init__(self) -> None:
        _check_operator(self.op, BooleanOperator)
        if len(self.values) < 2:
            raise ValueError("a boolean operation needs two values")


@dataclass(frozen=True, slots=True)
class IfExp:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class GeneratorExp:
    """`element for target in iter`, the only argument of a call."""

    element: Expression
    target: Name | Tuple
    iter: Expression


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on lines of its own, wrapped to the width. No line break in the text."""

    text: str

    def __post_init__(self) -> None:
        _check_comment(self.text)


@dataclass(frozen=True, slots=True)
class Assign:
    """`target: annotation = value`; without a value, a declaration such as a tuple's field."""

    target: Target
    value: Expression | None
    annotation: Expression | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        _check_comment(self.comment)
        if self.value is None and self.annotation is None:
            raise ValueError("an assignment needs a value or an annotation")
        if self.annotation is not None and not isinstance(self.target, Name):
            raise ValueError("only a name is annotated")


@dataclass(frozen=True, slots=True)
class AugAssign:
    """`target op= value`."""

    target: Name | Attribute | Subscript
    op: BinaryOperator
    value: Expression
    comment: str | None = None

    def __post_init__(self) -> None:
        _check_operator(self.op, BinaryOperator)
        _check_comment(self.comment)


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Expression | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        _check_comment(self.comment)


@dataclass(frozen=True, slots=True)
class Expr:
    """A call as a statement."""

    value: Expression
    comment: str | None = None

    def __post_init__(self) -> None:
        _check_comment(self.comment)
        if not isinstance(self.value, Call):
            raise ValueError("only a call is a statement by itself")


@dataclass(frozen=True, slots=True)
class Raise:
    """`raise exc`."""

    exc: Expression


@dataclass(frozen=True, slots=True)
class Assert:
    """`assert test`; for tests, never for a model."""

    test: Expression


@dataclass(frozen=True, slots=True)
class Import:
    """`import module as alias`."""

    module: str
    alias: str | None = None

    def __post_init__(self) -> None:
        _check_dotted(self.module)
        if self.alias is not None:
            _check_identifier(self.alias)


@dataclass(frozen=True, slots=True)
class ImportFrom:
    """`from module import names`; the module may be relative (`.model`)."""

    module: str
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        relative = self.module.lstrip(".")
        if relative or not self.module:
            _check_dotted(relative)
        for name in self.names:
            _check_identifier(name)
        if not self.names:
            raise ValueError("an import needs a name")


@dataclass(frozen=True, slots=True)
class If:
    """`if`; an `orelse` of exactly one `If` prints as `elif`."""

    test: Expression
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        _check_body(self.body)
        if self.orelse:
            _check_body(self.orelse)


@dataclass(frozen=True, slots=True)
class For:
    """`for target in iter`; the target is a name or a tuple of names."""

    target: Name | Tuple
    iter: Expression
    body: tuple[Statement, ...]

    def __post_init__(self) -> None:
        _check_body(self.body)


@dataclass(frozen=True, slots=True)
class WithItem:
    """`context_expr as optional_vars`."""

    context_expr: Expression
    optional_vars: Name | None = None

    def __post_init__(self) -> None:
        if isinstance(self.context_expr, Tuple):
            raise ValueError("Python reads a tuple in a with statement as several managers")


@dataclass(frozen=True, slots=True)
class With:
    """`with` over one context manager or more."""

    items: tuple[WithItem, ...]
    body: tuple[Statement, ...]

    def __post_init__(self) -> None:
        _check_body(self.body)
        if not self.items:
            raise ValueError("a with statement needs a context manager")


@dataclass(frozen=True, slots=True)
class Arg:
    """A parameter of a function."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None

    def __post_init__(self) -> None:
        _check_identifier(self.name)


@dataclass(frozen=True, slots=True)
class FunctionDef:
    """A function or method; `kwonly` parameters stand behind a bare `*`."""

    name: str
    args: tuple[Arg, ...] = ()
    returns: Expression | None = None
    docstring: str | None = None
    body: tuple[Statement, ...] = ()
    decorators: tuple[Expression, ...] = ()
    kwonly: tuple[Arg, ...] = ()

    def __post_init__(self) -> None:
        _check_identifier(self.name)
        _check_docstring(self.docstring)
        _check_body(self.body, self.docstring)
        names = [arg.name for arg in self.args + self.kwonly]
        if len(set(names)) < len(names):
            raise ValueError(f"repeated parameter: {names}")
        optional = [arg.default is not None for arg in self.args]
        if optional != sorted(optional):
            raise ValueError("a parameter without a default follows one with a default")


@dataclass(frozen=True, slots=True)
class ClassDef:
    """A class."""

    name: str
    bases: tuple[Expression, ...] = ()
    docstring: str | None = None
    body: tuple[Statement, ...] = ()
    decorators: tuple[Expression, ...] = ()

    def __post_init__(self) -> None:
        _check_identifier(self.name)
        _check_docstring(self.docstring)
        _check_body(self.body, self.docstring)


Expression: TypeAlias = (
    Name
    | Constant
    | Call
    | Attribute
    | Subscript
    | Tuple
    | List
    | Dict
    | UnaryOp
    | BinOp
    | Compare
    | BoolOp
    | IfExp
)
Target: TypeAlias = Name | Attribute | Subscript | Tuple
Statement: TypeAlias = (
    Comment
    | Assign
    | AugAssign
    | Return
    | Expr
    | Raise
    | Assert
    | Import
    | ImportFrom
    | If
    | For
    | With
    | FunctionDef
    | ClassDef
)
