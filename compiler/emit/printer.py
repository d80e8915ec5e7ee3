"""Statements as text, laid out as `ruff format` would: its output never changes under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .code import (
    Arg,
    Assert,
    Assign,
    AugAssign,
    Break,
    ClassDef,
    Comment,
    Constant,
    Continue,
    Expr,
    Expression,
    For,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    Name,
    Raise,
    Return,
    Statement,
    Subscript,
    Tuple,
    With,
    WithItem,
)
from .expressions import (
    ATOM,
    Level,
    arguments,
    bare,
    comma_separated,
    document,
    if_broken,
    precedence,
)
from .imports import section
from .layout import HARD, INDENT, Alternatives, Broken, Doc, Group, block, layout
from .literals import comment_lines, display_width, docstring_lines
from .parentheses import Need, has_brackets, may_break, need, optional, unless_brackets


def render(statements: Sequence[Statement], *, indent: int = 0, width: int = 88) -> str:
    """The statements' source text, without a line end behind the last.

    indent: columns before the first statement; a definition stands apart by two blank lines at
        column 0 and by one elsewhere.
    width: columns to stay within, wherever Python lets a line end.
    """
    return "\n".join(_Printer(width).block(statements, indent))


def expression(node: Expression) -> str:
    """The expression on one line, however long."""
    return layout(document(node, Level.BARE), 0, 1 << 30)


class _Printer:
    def __init__(self, width: int) -> None:
        self.width = width

    def block(self, statements: Sequence[Statement], indent: int) -> Iterator[str]:
        previous: Statement | None = None
        for index, statement in enumerate(statements):
            yield from [""] * _blank_lines(previous, statements[index:], indent)
            yield from self.statement(statement, indent)
            previous = statement

    def statement(self, statement: Statement, indent: int) -> Iterator[str]:
        match statement:
            case Comment(text):
                yield from self.comment(text, indent)
            case If():
                yield from self.conditional(statement, indent, "if ")
            case For(target, iterable, body):
                head = ("for ", bare(target, Level.BARE), " in ", optional(iterable), ":")
                yield from self.compound(head, body, indent)
            case With(items, body):
                yield from self.compound(_with(items), body, indent)
            case FunctionDef() | ClassDef():
                yield from self.definition(statement, indent)
            case Assign() | AugAssign() | Return() | Expr():
                yield from self.commented(_simple(statement), statement.comment, indent)
            case _:
                yield layout(_simple(statement), indent, self.width)

    def comment(self, text: str, indent: int) -> Iterator[str]:
        for line in comment_lines(text, self.width - indent):
            yield " " * indent + line

    def commented(self, doc: Doc, comment: str | None, indent: int) -> Iterator[str]:
        code = layout(doc, indent, self.width)
        if comment is not None:
            lines = comment_lines(comment, 1 << 30)
            trailing = f"{code}  {lines[0]}"
            if "\n" not in code and display_width(trailing) <= self.width:
                code = trailing
            else:
                yield from self.comment(comment, indent)
        yield code

    def conditional(self, statement: If, indent: int, keyword: str) -> Iterator[str]:
        yield from self.compound((keyword, optional(statement.test), ":"), statement.body, indent)
        match statement.orelse:
            case ():
                return
            case (If() as other,):
                yield from self.conditional(other, indent, "elif ")
            case body:
                yield from self.compound("else:", body, indent)

    def compound(self, head: Doc, body: Sequence[Statement], indent: int) -> Iterator[str]:
        yield layout(head, indent, self.width)
        if isinstance(body[0], FunctionDef | ClassDef):
            yield ""
        yield from self.block(body, indent + INDENT)

    def definition(self, statement: FunctionDef | ClassDef, indent: int) -> Iterator[str]:
        for decorator in statement.decorators:
            yield layout(("@", optional(decorator)), indent, self.width)
        head = _class(statement) if isinstance(statement, ClassDef) else _function(statement)
        yield layout(head, indent, self.width)
        inner = indent + INDENT
        if statement.docstring is not None:
            for line in docstring_lines(statement.docstring):
                yield " " * inner + line if line else ""
            is_class = isinstance(statement, ClassDef)
            if statement.body and (is_class or _starts_with_definition(statement.body)):
                yield ""
        yield from self.block(statement.body, inner)


def _blank_lines(previous: Statement | None, following: Sequence[Statement], indent: int) -> int:
    if previous is None or (isinstance(previous, Comment) and _starts_with_definition(following)):
        return 0
    if _ends_with_definition(previous) or _starts_with_definition(following):
        return 1 if indent else 2
    if not isinstance(previous, Import | ImportFrom):
        return 0
    first = following[0]
    return int(not isinstance(first, Import | ImportFrom) or section(first) != section(previous))


def _starts_with_definition(statements: Sequence[Statement]) -> bool:
    """Whether a definition comes first, but for its comments."""
    first = next((one for one in statements if not isinstance(one, Comment)), None)
    return isinstance(first, FunctionDef | ClassDef)


def _ends_with_definition(statement: Statement) -> bool:
    match statement:
        case FunctionDef() | ClassDef():
            return True
        case If(_, body, orelse):
            return _ends_with_definition((orelse or body)[-1])
        case For(_, _, body) | With(_, body):
            return _ends_with_definition(body[-1])
        case _:
            return False


def _simple(statement: Statement) -> Doc:
    match statement:
        case Assign(target, value, annotation, _):
            return _assignment(target, value, annotation)
        case AugAssign(target, op, value, _):
            return _valued(document(target, Level.BARE), f" {op}= ", value, has_brackets(target))
        case Return(None, _):
            return "return"
        case Return(Tuple() as value, _):
            return ("return ", bare(value, Level.BARE))
        case Return(value, _) if value is not None:
            return ("return ", optional(value))
        case Expr(value, _):
            return _expression(value)
        case Assert(value):
            return ("assert ", optional(value))
        case Raise(value):
            return ("raise ", optional(value, only_if_it_breaks=True))
        case Break():
            return "break"
        case Continue():
            return "continue"
        case Import(module, alias):
            return f"import {module}" + (f" as {alias}" if alias else "")
        case ImportFrom(module, names):
            return (f"from {module} import ", if_broken(comma_separated(names, always=True)))
        case _:
            raise TypeError(f"not a statement: {statement!r}")


def _expression(value: Expression) -> Doc:
    if need(value) is Need.IF_IT_BREAKS:
        return optional(value)
    return document(value, Level.BARE)


def _assignment(target: Expression, value: Expression | None, annotation: Expression | None) -> Doc:
    left = bare(target, Level.BARE)
    if annotation is None:
        assert value is not None
        return _valued(left, " = ", value, has_brackets(target))
    if value is None:
        return (left, ": ", optional(annotation))
    operators = need(annotation) is Need.IF_IT_BREAKS and not may_break(annotation)
    hint = unless_brackets(annotation) if operators else document(annotation, Level.BARE)
    splittable = not isinstance(annotation, Name | Constant)
    return _valued((left, ": ", hint), " = ", value, splittable)


def _valued(left: Doc, op: str, value: Expression, left_may_break: bool) -> Doc:
    """`left op value`: the value breaks before what may break on the left."""
    has_operator = precedence(value) < ATOM
    if not left_may_break or has_operator or need(value) is not Need.IF_IT_FITS:
        return (left, op, optional(value))
    right = document(value, Level.BARE)
    start, unbroken = (left, op), (left, op, right)
    enclosed = (start, "(", block(right, HARD), ")")
    return Alternatives((unbroken, (start, Broken(right)), enclosed, unbroken))


def _with(items: Sequence[WithItem]) -> Doc:
    if len(items) == 1:
        (item,) = items
        return ("with ", optional(item.context_expr), _as(item), ":")
    contexts = [(document(item.context_expr, Level.INSIDE), _as(item)) for item in items]
    return ("with ", if_broken(comma_separated(contexts)), ":")


def _as(item: WithItem) -> str:
    return "" if item.optional_vars is None else f" as {item.optional_vars.id}"


def _function(statement: FunctionDef) -> Doc:
    star = ["*"] if statement.kwonly else []
    parameters = [*map(_parameter, statement.args), *star, *map(_parameter, statement.kwonly)]
    head = ("def ", statement.name, "(")
    result = statement.returns
    returns: Doc = "" if result is None else (" -> ", optional(result))
    if not parameters:
        if result is not None and need(result) is not Need.NEVER:
            returns = (" -> ", unless_brackets(result))
        return (*head, ")", returns, ":")
    # The parameters break before the annotation of what is returned.
    if isinstance(result, Subscript):
        returns = (" -> ", document(result, Level.BARE))
    listed = comma_separated(parameters, always=True)
    inside = block(Group(listed) if len(parameters) > 1 else listed)
    return (*head, Group((inside, ")", returns)), ":")


def _parameter(arg: Arg) -> Doc:
    annotation = "" if arg.annotation is None else (": ", document(arg.annotation, Level.INSIDE))
    if arg.default is None:
        return (arg.name, annotation)
    equals = " = " if annotation else "="
    return (arg.name, annotation, equals, document(arg.default, Level.INSIDE))


def _class(statement: ClassDef) -> Doc:
    bases = [document(base, Level.INSIDE) for base in statement.bases]
    return ("class ", statement.name, arguments(bases, Level.BARE) if bases else "", ":")
