"""The nodes as `ast` builds them: an independent reading of what a text must mean."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from specc.compiler.emit import code as c
from specc.compiler.emit.printer import expression

BINARY = {
    "|": ast.BitOr, "^": ast.BitXor, "&": ast.BitAnd, "<<": ast.LShift, ">>": ast.RShift,
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "@": ast.MatMult, "/": ast.Div,
    "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
}  # fmt: skip
COMPARE = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
    "is": ast.Is, "is not": ast.IsNot, "in": ast.In, "not in": ast.NotIn,
}  # fmt: skip
UNARY = {"-": ast.USub, "+": ast.UAdd, "~": ast.Invert, "not": ast.Not}
LOAD = ast.Load()


def maybe(node: c.Expression | None) -> ast.expr | None:
    return None if node is None else reference(node)


def many(nodes: Sequence[object]) -> list[ast.expr]:
    return [reference(node) for node in nodes]


def reference(node: Any) -> Any:
    value: Any
    number: Any
    items: Any
    match node:
        case c.Name(text):
            first, *rest = text.split(".")
            value = ast.Name(first, LOAD)
            for part in rest:
                value = ast.Attribute(value, part, LOAD)
            return value
        case c.Constant(bool() | None | str() | ast.Constant() as value):
            return ast.Constant(value)
        case c.Constant(int() | float() as number) if str(number).startswith("-"):
            return ast.UnaryOp(ast.USub(), ast.Constant(-number))
        case c.Constant(value):
            return ast.Constant(value)
        case c.Call(func, args, keywords):
            named = [ast.keyword(item.arg, reference(item.value)) for item in keywords]
            return ast.Call(reference(func), many(args), named)
        case c.Attribute(value, attr):
            return ast.Attribute(reference(value), attr, LOAD)
        case c.Subscript(value, index):
            return ast.Subscript(reference(value), reference(index), LOAD)
        case c.Slice(lower, upper, step):
            return ast.Slice(maybe(lower), maybe(upper), maybe(step))
        case c.Tuple(items):
            return ast.Tuple(many(items), LOAD)
        case c.List((c.GeneratorExp(element, target, iterable),)):
            clause = ast.comprehension(reference(target), reference(iterable), [], 0)
            return ast.ListComp(reference(element), [clause])
        case c.List(items):
            return ast.List(many(items), LOAD)
        case c.Dict(items):
            keys: list[ast.expr | None] = [*many([key for key, _ in items])]
            return ast.Dict(keys, many([value for _, value in items]))
        case c.DictComp(key, value, target, iterable):
            clause = ast.comprehension(reference(target), reference(iterable), [], 0)
            return ast.DictComp(reference(key), reference(value), [clause])
        case c.JoinedStr(parts):
            return ast.JoinedStr(
                [
                    ast.Constant(part)
                    if isinstance(part, str)
                    else ast.FormattedValue(reference(part), -1)
                    for part in parts
                ]
            )
        case c.Starred(value):
            return ast.Starred(reference(value), LOAD)
        case c.GeneratorExp(element, target, iterable):
            clause = ast.comprehension(reference(target), reference(iterable), [], 0)
            return ast.GeneratorExp(reference(element), [clause])
        case _:
            return reference_operation(node)


def reference_operation(node: object) -> ast.expr:
    match node:
        case c.UnaryOp(op, operand):
            return ast.UnaryOp(UNARY[op](), reference(operand))
        case c.BinOp(left, op, right):
            return ast.BinOp(reference(left), BINARY[op](), reference(right))
        case c.Compare(left, ops, comparators):
            return ast.Compare(reference(left), [COMPARE[op]() for op in ops], many(comparators))
        case c.BoolOp(op, values):
            return ast.BoolOp(ast.And() if op == "and" else ast.Or(), many(values))
        case c.IfExp(test, body, orelse):
            return ast.IfExp(reference(test), reference(body), reference(orelse))
        case _:
            raise AssertionError(node)


def parameters(node: c.FunctionDef) -> ast.arguments:
    def plain(args: Sequence[c.Arg]) -> list[ast.arg]:
        return [ast.arg(arg.name, maybe(arg.annotation)) for arg in args]

    defaults = [reference(arg.default) for arg in node.args if arg.default is not None]
    kw_defaults = [maybe(arg.default) for arg in node.kwonly]
    return ast.arguments(
        [], plain(node.args), None, plain(node.kwonly), kw_defaults, None, defaults
    )


def block(statements: Sequence[c.Statement], docstring: str | None = None) -> list[ast.stmt]:
    head: list[ast.stmt] = [] if docstring is None else [ast.Expr(ast.Constant(docstring))]
    return head + [statement(s) for s in statements if not isinstance(s, c.Comment)]


def statement(node: Any) -> Any:
    match node:
        case c.Assign(target, value, None, _):
            assert value is not None
            return ast.Assign([reference(target)], reference(value))
        case c.Assign(target, value, annotation, _):
            simple = int("." not in expression(target))
            return ast.AnnAssign(reference(target), reference(annotation), maybe(value), simple)
        case c.AugAssign(target, op, value, _):
            return ast.AugAssign(reference(target), BINARY[op](), reference(value))
        case c.Return(value, _):
            return ast.Return(maybe(value))
        case c.Expr(value, _):
            return ast.Expr(reference(value))
        case c.Raise(value):
            return ast.Raise(reference(value))
        case c.Break():
            return ast.Break()
        case c.Continue():
            return ast.Continue()
        case c.Assert(value):
            return ast.Assert(reference(value))
        case c.Import(module, alias):
            return ast.Import([ast.alias(module, alias)])
        case c.ImportFrom(module, names):
            path = module.lstrip(".")
            aliases = [ast.alias(name) for name in names]
            return ast.ImportFrom(path or None, aliases, len(module) - len(path))
        case _:
            return compound(node)


def compound(node: c.Statement) -> ast.stmt:
    match node:
        case c.If(test, body, orelse):
            return ast.If(reference(test), block(body), block(orelse))
        case c.For(target, iterable, body):
            return ast.For(reference(target), reference(iterable), block(body), [])
        case c.With(items, body):
            contexts = [
                ast.withitem(reference(item.context_expr), maybe(item.optional_vars))
                for item in items
            ]
            return ast.With(contexts, block(body))
        case c.FunctionDef(name, _, returns, docstring, body, decorators, _):
            inner = block(body, docstring)
            args = parameters(node)
            return ast.FunctionDef(name, args, inner, many(decorators), maybe(returns))
        case c.ClassDef(name, bases, docstring, body, decorators):
            return ast.ClassDef(name, many(bases), [], block(body, docstring), many(decorators))
        case _:
            raise AssertionError(node)


def plain_docstring(text: str) -> str:
    """A docstring without what its place in the file decides: margin and outer blank lines."""
    lines = "\n".join(line.rstrip(" ") for line in text.split("\n")).strip("\n").split("\n")
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line), default=0)
    return "\n".join([lines[0].lstrip(" "), *(line[margin:] for line in lines[1:])])


def meaning(tree: ast.AST) -> str:
    """The tree as text; targets count as loads, and docstrings without their margin."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            match node.body[0]:
                case ast.Expr(ast.Constant(str(text)) as literal):
                    literal.value = plain_docstring(text)
        if hasattr(node, "ctx"):
            node.ctx = LOAD
    return ast.dump(tree)
