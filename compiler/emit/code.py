"""The Python that the compiler can write, as data: the only way into the output.

Every node checks its own text when it is made, so a value that is not an identifier, a literal, a
comment or a docstring can never reach a generated file. Names follow Python's `ast` where it has
them. `printer.render` turns statements into text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .code_expression import (
    Attribute,
    BinaryOperator,
    BinOp,
    BooleanOperator,
    BoolOp,
    Call,
    Compare,
    CompareOperator,
    Constant,
    Dict,
    DictComp,
    Expression,
    GeneratorExp,
    IfExp,
    JoinedStr,
    Keyword,
    List,
    Name,
    Slice,
    Starred,
    Subscript,
    Target,
    Tuple,
    UnaryOp,
    UnaryOperator,
    check_operator,
)
from .literals import check_comment, check_docstring, check_dotted, check_identifier

__all__ = [
    "Arg",
    "Assert",
    "Assign",
    "Attribute",
    "AugAssign",
    "BinOp",
    "BinaryOperator",
    "BoolOp",
    "BooleanOperator",
    "Break",
    "Call",
    "ClassDef",
    "Comment",
    "Compare",
    "CompareOperator",
    "Constant",
    "Continue",
    "Dict",
    "DictComp",
    "Expr",
    "Expression",
    "For",
    "FunctionDef",
    "GeneratorExp",
    "If",
    "IfExp",
    "Import",
    "ImportFrom",
    "JoinedStr",
    "Keyword",
    "List",
    "Name",
    "Raise",
    "Return",
    "Slice",
    "Starred",
    "Statement",
    "Subscript",
    "Target",
    "Tuple",
    "UnaryOp",
    "UnaryOperator",
    "With",
    "WithItem",
]


def _check_body(body: tuple[Statement, ...], docstring: str | None = None) -> None:
    """Raise ValueError for a block that Python could not parse, having no statement."""
    if docstring is None and all(isinstance(statement, Comment) for statement in body):
        raise ValueError("a block needs a statement or a docstring")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on lines of its own, wrapped to the width. No line break in the text."""

    text: str

    def __post_init__(self) -> None:
        check_comment(self.text)


@dataclass(frozen=True, slots=True)
class Assign:
    """`target: annotation = value`; without a value, a declaration such as a tuple's field."""

    target: Target
    value: Expression | None
    annotation: Expression | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        check_comment(self.comment)
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
        check_operator(self.op, BinaryOperator)
        check_comment(self.comment)


@dataclass(frozen=True, slots=True)
class Return:
    """`return value`."""

    value: Expression | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        check_comment(self.comment)


@dataclass(frozen=True, slots=True)
class Expr:
    """A call as a statement."""

    value: Expression
    comment: str | None = None

    def __post_init__(self) -> None:
        check_comment(self.comment)
        if not isinstance(self.value, Call):
            raise ValueError("only a call is a statement by itself")


@dataclass(frozen=True, slots=True)
class Raise:
    """`raise exc`."""

    exc: Expression


@dataclass(frozen=True, slots=True)
class Break:
    """`break`."""


@dataclass(frozen=True, slots=True)
class Continue:
    """`continue`."""


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
        check_dotted(self.module)
        if self.alias is not None:
            check_identifier(self.alias)


@dataclass(frozen=True, slots=True)
class ImportFrom:
    """`from module import names`; the module may be relative (`.model`)."""

    module: str
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        relative = self.module.lstrip(".")
        if relative or not self.module:
            check_dotted(relative)
        for name in self.names:
            check_identifier(name)
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
        check_identifier(self.name)


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
        check_identifier(self.name)
        check_docstring(self.docstring)
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
        check_identifier(self.name)
        check_docstring(self.docstring)
        _check_body(self.body, self.docstring)


Statement: TypeAlias = (
    Comment
    | Assign
    | AugAssign
    | Return
    | Expr
    | Raise
    | Break
    | Continue
    | Assert
    | Import
    | ImportFrom
    | If
    | For
    | With
    | FunctionDef
    | ClassDef
)
