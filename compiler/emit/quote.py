"""The compiler's own Python, written as text and read as nodes: code with holes to fill.

A piece of the output that hardly varies is easier to read as Python than as nested nodes. The text
is a constant of the compiler, never a value of a spec: what varies comes in as nodes and names,
which check themselves.
"""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from . import code

Hole: TypeAlias = str | code.Expression | Sequence[code.Statement]

_OPERATORS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Not: "not",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.And: "and",
    ast.Or: "or",
}


def quote(source: str, /, **holes: Hole) -> tuple[code.Statement, ...]:
    """The statements of `source`, indented or not, with its holes filled.

    holes: for each name what stands in its place. A string renames it wherever it is bound or
        read; within docstrings it stands as `{name}`. A node replaces it in an expression.
        Statements replace a line that holds the name alone.
    """
    text = textwrap.dedent(source)
    return _Reader(holes, _comments(text)).body(ast.parse(text).body)


def quoted(source: str, /, **holes: Hole) -> code.Expression:
    """The one expression of `source`, with its holes filled."""
    return _Reader(holes, {}).expression(ast.parse(source, mode="eval").body)


@dataclass(frozen=True, slots=True)
class _CommentText:
    text: str
    column: int
    alone: bool


def _comments(text: str) -> dict[int, _CommentText]:
    """The comment on each line that has one."""
    lines = text.splitlines()
    return {
        token.start[0]: _CommentText(
            token.string.removeprefix("#").strip(),
            token.start[1],
            alone=not lines[token.start[0] - 1][: token.start[1]].strip(),
        )
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }


class _Reader:
    def __init__(self, holes: Mapping[str, Hole], comments: Mapping[int, _CommentText]) -> None:
        self.holes = holes
        self.comments = comments

    def name(self, name: str) -> str:
        hole = self.holes.get(name)
        return hole if isinstance(hole, str) else name

    def docstring(self, node: ast.FunctionDef | ast.ClassDef) -> str | None:
        text = ast.get_docstring(node)
        for name, hole in self.holes.items():
            if text is not None and isinstance(hole, str):
                text = text.replace(f"{{{name}}}", hole)
        return text

    def body(self, nodes: Sequence[ast.stmt], after: int = 0) -> tuple[code.Statement, ...]:
        """Statements of one block, with the comments between them; `after`: the line above."""
        found: list[code.Statement] = []
        for node in nodes:
            found += self.comments_above(node, after)
            after = node.end_lineno or node.lineno
            found += self.statement(node)
        return tuple(found)

    def comments_above(self, node: ast.stmt, after: int) -> Iterator[code.Comment]:
        for line in range(after + 1, node.lineno):
            comment = self.comments.get(line)
            if comment is not None and comment.alone and comment.column == node.col_offset:
                yield code.Comment(comment.text)

    def trailing(self, node: ast.stmt) -> str | None:
        comment = self.comments.get(node.end_lineno or 0)
        return comment.text if comment is not None and not comment.alone else None

    def statement(self, node: ast.stmt) -> Sequence[code.Statement]:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
            hole = self.holes.get(node.value.id)
            if isinstance(hole, Sequence) and not isinstance(hole, str):
                return hole
        return (self.simple(node) or self.compound(node),)

    def simple(self, node: ast.stmt) -> code.Statement | None:
        comment = self.trailing(node)
        match node:
            case ast.Expr(value):
                return code.Expr(self.expression(value), comment)
            case ast.Return(value):
                return code.Return(self.optional(value), comment)
            case ast.Assign([target], value):
                return code.Assign(self.target(target), self.expression(value), comment=comment)
            case ast.AnnAssign(target, annotation, value):
                kind = self.expression(annotation)
                return code.Assign(self.target(target), self.optional(value), kind, comment)
            case ast.AugAssign(target, op, value):
                place = cast("Any", self.target(target))
                return code.AugAssign(place, _operator(op), self.expression(value), comment)
            case ast.Assert(test):
                return code.Assert(self.expression(test))
            case ast.Raise(exc) if exc is not None:
                return code.Raise(self.expression(exc))
            case ast.Break():
                return code.Break()
            case ast.Continue():
                return code.Continue()
            case ast.Import([ast.alias(module, alias)]):
                return code.Import(module, alias)
            case ast.ImportFrom(module, names, level):
                path = "." * level + (self.name(module) if module else "")
                return code.ImportFrom(path, tuple(self.name(alias.name) for alias in names))
        return None

    def compound(self, node: ast.stmt) -> code.Statement:
        match node:
            case ast.If(test, body, orelse):
                inner = self.body(body, node.lineno)
                return code.If(self.expression(test), inner, self.body(orelse))
            case ast.For(target, iterable, body):
                place = cast("Any", self.target(target))
                return code.For(place, self.expression(iterable), self.body(body, node.lineno))
            case ast.With(items, body):
                managers = tuple(
                    code.WithItem(
                        self.expression(item.context_expr),
                        cast(
                            "Any", self.target(item.optional_vars) if item.optional_vars else None
                        ),
                    )
                    for item in items
                )
                return code.With(managers, self.body(body, node.lineno))
            case ast.FunctionDef():
                return self.function(node)
            case ast.ClassDef():
                docstring = self.docstring(node)
                body = node.body if docstring is None else node.body[1:]
                return code.ClassDef(
                    self.name(node.name),
                    tuple(map(self.expression, node.bases)),
                    docstring,
                    self.body(body, node.lineno),
                    tuple(map(self.expression, node.decorator_list)),
                )
        raise TypeError(f"no node for {type(node).__name__}")

    def function(self, node: ast.FunctionDef) -> code.FunctionDef:
        docstring = self.docstring(node)
        body = node.body if docstring is None else node.body[1:]
        arguments = node.args
        required = len(arguments.args) - len(arguments.defaults)
        return code.FunctionDef(
            self.name(node.name),
            self.arguments(arguments.args, [*[None] * required, *arguments.defaults]),
            self.optional(node.returns),
            docstring,
            self.body(body, (node.body[0].end_lineno or 0) if docstring else node.lineno),
            tuple(map(self.expression, node.decorator_list)),
            self.arguments(arguments.kwonlyargs, arguments.kw_defaults),
        )

    def arguments(
        self, names: Sequence[ast.arg], defaults: Sequence[ast.expr | None]
    ) -> tuple[code.Arg, ...]:
        return tuple(
            code.Arg(self.name(arg.arg), self.optional(arg.annotation), self.optional(default))
            for arg, default in zip(names, defaults, strict=True)
        )

    def target(self, node: ast.expr) -> code.Target:
        return cast("code.Target", self.expression(node))

    def optional(self, node: ast.expr | None) -> code.Expression | None:
        return None if node is None else self.expression(node)

    def expression(self, node: ast.expr) -> code.Expression:
        return cast("code.Expression", self.part(node))

    def parts(self, nodes: Sequence[ast.expr]) -> tuple[Any, ...]:
        return tuple(map(self.part, nodes))

    def part(self, node: ast.expr) -> Any:
        """An expression, or what may stand only within one: a slice, a star, a generator."""
        match node:
            case ast.Name(id):
                hole = self.holes.get(id, id)
                return code.Name(hole) if isinstance(hole, str) else hole
            case ast.Constant(value):
                return code.Constant(cast("Any", value))
            case ast.Attribute(value, attr):
                inner = self.expression(value)
                if isinstance(inner, code.Name):
                    return code.Name(f"{inner.id}.{self.name(attr)}")
                return code.Attribute(inner, self.name(attr))
            case ast.Call(func, args, keywords):
                named = tuple(map(self.keyword, keywords))
                return code.Call(self.expression(func), self.parts(args), named)
            case ast.Subscript(value, index):
                return code.Subscript(self.expression(value), self.part(index))
            case ast.Slice(lower, upper, step):
                return code.Slice(*map(self.optional, (lower, upper, step)))
            case ast.Starred(value):
                return code.Starred(self.expression(value))
            case ast.Tuple(items):
                return code.Tuple(self.parts(items))
            case ast.List(items):
                return code.List(self.parts(items))
            case ast.ListComp(element, [generator]):
                return code.List((self.loop(element, generator),))
            case ast.Dict(keys, values):
                pairs = zip(keys, values, strict=True)
                return code.Dict(tuple((self.part(cast("Any", k)), self.part(v)) for k, v in pairs))
            case ast.GeneratorExp(element, [generator]):
                return self.loop(element, generator)
        return self.operation(node)

    def loop(self, element: ast.expr, clause: ast.comprehension) -> code.GeneratorExp:
        place = cast("Any", self.target(clause.target))
        return code.GeneratorExp(self.expression(element), place, self.expression(clause.iter))

    def keyword(self, node: ast.keyword) -> code.Keyword:
        return code.Keyword(self.name(node.arg or ""), self.expression(node.value))

    def operation(self, node: ast.expr) -> Any:
        match node:
            case ast.UnaryOp(op, operand):
                return code.UnaryOp(_operator(op), self.expression(operand))
            case ast.BinOp(left, op, right):
                return code.BinOp(self.expression(left), _operator(op), self.expression(right))
            case ast.Compare(left, ops, comparators):
                names = tuple(map(_operator, ops))
                return code.Compare(self.expression(left), names, self.parts(comparators))
            case ast.BoolOp(op, values):
                return code.BoolOp(_operator(op), self.parts(values))
            case ast.IfExp(test, body, orelse):
                return code.IfExp(*map(self.expression, (test, body, orelse)))
        raise TypeError(f"no node for {type(node).__name__}")


def _operator(op: ast.AST) -> Any:
    return _OPERATORS[type(op)]
