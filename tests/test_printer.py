"""The printer: what it writes parses to what was meant, and `ruff format` would write the same."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specc.compiler import code as c
from specc.compiler.printer import expression, render

WIDTH = 88
RUFF = Path(sys.executable).with_name("ruff")


def ruff_format(source: str) -> str:
    command = [RUFF, "format", "--isolated", "--line-length", str(WIDTH), "-"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


# ---- the same programs as `ast` builds them: the reference for what the text must mean ----

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


def reference(node: object) -> ast.expr:
    match node:
        case c.Name(text):
            first, *rest = text.split(".")
            value: ast.expr = ast.Name(first, LOAD)
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
        case c.List(items):
            return ast.List(many(items), LOAD)
        case c.Dict(items):
            return ast.Dict(many([key for key, _ in items]), many([value for _, value in items]))
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


def statement(node: c.Statement) -> ast.stmt:
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


# ---- random programs ----

Draw = Callable[[st.SearchStrategy[Any]], Any]
WORDS = ["x", "self", "features", "out_features", "a_longer_argument", "k", "_", "match"]
LONG = "an_identifier_that_takes_up_half_of_a_line_or_so"
identifiers = st.sampled_from([*WORDS, LONG])
dotted = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(".".join)
names = (st.just(LONG) | dotted).map(c.Name)
SHARP = ['"""', "'''", "\\", '\\"', "\"'", "'\"'", "\0", "\r\n", "\t", "\x85", "\u2028", "\ud800"]
hostile = st.text(max_size=40) | st.sampled_from([*SHARP, "\u202e", "é", "猫", "# noqa", "type: x"])
LITERALS = [
    0,
    1,
    -1,
    64,
    1e-5,
    0.1,
    -0.0,
    1e16,
    -2.5e-300,
    True,
    None,
    ...,
    10**60,
    "relu",
    "a" * 70,
]
constants = st.one_of(
    st.sampled_from(LITERALS),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    hostile,
).map(c.Constant)


def one_line(text: str) -> bool:
    return text.splitlines() in ([], [text])


def draw_many(draw: Draw, make: Callable[[], Any], low: int, high: int) -> tuple[Any, ...]:
    return tuple(make() for _ in range(draw(st.integers(low, high))))


@st.composite
def loop_targets(draw: Draw) -> c.Name | c.Tuple:
    target = draw(st.lists(st.sampled_from(WORDS).map(c.Name), min_size=1, max_size=3))
    return target[0] if len(target) == 1 else c.Tuple(tuple(target))


class Drawn:
    """Random nodes: each method draws one."""

    def __init__(self, draw: Draw, depth: int, commented: bool = True) -> None:
        self.draw, self.depth, self.commented = draw, depth, commented

    def choice(self, *makers: Callable[[], Any]) -> Any:
        return self.draw(st.sampled_from(makers))()

    def optional(self, make: Callable[[], Any]) -> Any:
        return make() if self.draw(st.booleans()) else None

    def several(self, make: Callable[[], Any], low: int, high: int) -> tuple[Any, ...]:
        return draw_many(self.draw, make, low, high)

    def word(self) -> str:
        return self.draw(identifiers)

    def words(self) -> list[str]:
        return self.draw(st.lists(identifiers, max_size=4, unique=True))

    def name(self) -> c.Name:
        return self.draw(names)


class DrawnExpression(Drawn):
    def inner(self) -> Any:
        return self.draw(expressions(self.depth - 1))

    def item(self) -> Any:
        return c.Starred(self.inner()) if self.draw(st.integers(0, 9)) == 0 else self.inner()

    def items(self) -> tuple[Any, ...]:
        return self.several(self.item, 0, 3)

    def index(self) -> Any:
        return self.choice(self.inner, lambda: c.Slice(*(self.optional(self.inner) for _ in "123")))

    def loop(self) -> c.GeneratorExp:
        return c.GeneratorExp(self.inner(), self.draw(loop_targets()), self.inner())

    def call(self) -> c.Call:
        func = self.choice(self.name, self.inner)
        if self.draw(st.integers(0, 5)) == 0:
            return c.Call(func, (self.loop(),))
        keywords = tuple(c.Keyword(name, self.inner()) for name in self.words())
        return c.Call(func, self.items(), keywords)

    def compare(self) -> c.Compare:
        ops = self.draw(st.lists(st.sampled_from([*COMPARE]), min_size=1, max_size=3))
        return c.Compare(self.inner(), tuple(ops), tuple(self.inner() for _ in ops))

    def operation(self, *ops: str) -> c.BinOp:
        return c.BinOp(self.inner(), self.draw(st.sampled_from(ops)), self.inner())

    def expression(self) -> c.Expression:
        if self.depth == 0 or self.draw(st.integers(0, 3)) == 0:
            return self.draw(names if self.draw(st.booleans()) else constants)
        return self.choice(
            self.call,
            self.call,
            self.compare,
            lambda: self.operation(*BINARY),
            lambda: self.operation("+", "*", "**"),
            lambda: c.Attribute(self.inner(), self.word()),
            lambda: c.Subscript(self.inner(), self.index()),
            lambda: c.Subscript(self.inner(), c.Tuple(self.several(self.index, 2, 3))),
            lambda: c.Tuple(self.items()),
            lambda: c.List(self.items()),
            lambda: c.List((c.Starred(self.loop()),)),
            lambda: c.Dict(self.several(lambda: (self.inner(), self.inner()), 0, 3)),
            lambda: c.UnaryOp(self.draw(st.sampled_from([*UNARY])), self.inner()),
            lambda: c.BoolOp(
                self.draw(st.sampled_from(["and", "or"])), self.several(self.inner, 2, 3)
            ),
            lambda: c.IfExp(self.inner(), self.inner(), self.inner()),
        )


class DrawnStatement(Drawn):
    def value(self) -> c.Expression:
        return self.draw(expressions())

    def call(self) -> c.Call:
        return c.Call(self.name(), self.several(self.value, 0, 3))

    def comment(self) -> str | None:
        return self.draw(st.none() | hostile.filter(one_line)) if self.commented else None

    def docstring(self) -> str | None:
        text = self.draw(hostile | st.text("ab\n \"'\\", max_size=30))
        return text if self.commented and text.strip() else None

    def place(self) -> Any:
        return self.choice(self.name, lambda: c.Subscript(self.name(), self.value()))

    def target(self) -> Any:
        return self.choice(self.place, lambda: self.draw(loop_targets()))

    def annotation(self) -> Any:
        several = c.Tuple((self.name(), self.name()))
        union = c.BinOp(self.name(), "|", c.Constant(None))
        return self.choice(self.name, lambda: c.Subscript(self.name(), several), lambda: union)

    def body(self) -> tuple[c.Statement, ...]:
        inner = statements(self.depth - 1, self.commented)
        body = self.several(lambda: self.draw(inner), 1, 3)
        return (*body, c.Return()) if all(isinstance(one, c.Comment) for one in body) else body

    def function(self) -> c.FunctionDef:
        args = [
            c.Arg(name, self.optional(self.annotation), self.optional(self.value))
            for name in self.words()
        ]
        star = self.draw(st.integers(0, len(args)))
        positional = sorted(args[:star], key=lambda arg: arg.default is not None)
        return c.FunctionDef(
            self.word(),
            tuple(positional),
            self.optional(self.annotation),
            self.docstring(),
            self.body(),
            self.several(self.call, 0, 1),
            tuple(args[star:]),
        )

    def class_(self) -> c.ClassDef:
        bases = self.several(self.name, 0, 3)
        return c.ClassDef(self.word(), bases, self.docstring(), self.body())

    def with_(self) -> c.With:
        def item() -> c.WithItem:
            # A manager's name that is wider than the line is laid out otherwise.
            call = c.Call(c.Name("torch.autocast"), self.several(self.value, 0, 3))
            return c.WithItem(call, self.optional(lambda: c.Name("file")))

        return c.With(self.several(item, 1, 2), self.body())

    def simple(self) -> c.Statement:
        op = self.draw(st.sampled_from([*BINARY]))
        return self.choice(
            lambda: c.Assign(self.target(), self.value(), None, self.comment()),
            lambda: c.Assign(self.name(), self.value(), None, self.comment()),
            lambda: c.Assign(
                self.name(), self.optional(self.value), self.annotation(), self.comment()
            ),
            lambda: c.AugAssign(self.place(), op, self.value(), self.comment()),
            lambda: c.Return(self.optional(self.value), self.comment()),
            lambda: c.Expr(self.call(), self.comment()),
            lambda: c.Expr(c.Call(c.Attribute(self.call(), self.word())), self.comment()),
            lambda: c.Raise(self.value()),
            lambda: c.Assert(self.value()),
            lambda: c.Import("torch.nn", self.optional(self.word)),
            lambda: c.ImportFrom(".", tuple(self.words() or ["x"])),
            lambda: c.ImportFrom("torch", tuple(self.words() or ["x"])),
            lambda: c.Comment(self.comment() or "text"),
        )

    def statement(self) -> c.Statement:
        if self.depth == 0 or self.draw(st.booleans()):
            return self.simple()
        return self.choice(
            self.function,
            self.function,
            self.class_,
            self.with_,
            lambda: c.If(self.value(), self.body(), self.optional(self.body) or ()),
            lambda: c.For(self.draw(loop_targets()), self.value(), self.body()),
        )


@st.composite
def expressions(draw: Draw, depth: int = 2) -> c.Expression:
    return DrawnExpression(draw, depth).expression()


@st.composite
def statements(draw: Draw, depth: int, commented: bool) -> c.Statement:
    return DrawnStatement(draw, depth, commented).statement()


def programs(*, commented: bool) -> st.SearchStrategy[list[c.Statement]]:
    return st.lists(statements(2, commented), min_size=1, max_size=4)


random = settings(
    max_examples=int(os.environ.get("PRINTER_EXAMPLES", "80")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@random
@given(programs(commented=True))
def test_programs_mean_what_their_nodes_say_and_are_formatted(program: list[c.Statement]) -> None:
    text = render(program) + "\n"
    assert meaning(ast.parse(text)) == meaning(ast.Module(block(program), []))
    assert ruff_format(text) == text


@random
@given(programs(commented=False))
def test_the_layout_is_what_ruff_makes_of_one_line(program: list[c.Statement]) -> None:
    assert ruff_format(render(program, width=10**6)) == render(program) + "\n"


@random
@given(expressions(3))
def test_an_expression_on_one_line_means_what_its_node_says(node: c.Expression) -> None:
    text = expression(node)
    assert "\n" not in text
    assert meaning(ast.parse(text, mode="eval").body) == meaning(reference(node))


def test_the_house_style_looks_as_designed() -> None:
    x, features = c.Name("x"), c.Name("features")
    hidden = c.Call(c.Name("nn.Linear"), (c.Constant(5), c.Constant(8)))
    init = c.FunctionDef(
        "__init__",
        (c.Arg("self"),),
        c.Constant(None),
        body=(
            c.Expr(c.Call(c.Attribute(c.Call(c.Name("super")), "__init__"))),
            c.Assign(c.Name("self.hidden1"), hidden),
        ),
    )
    forward = c.FunctionDef(
        "forward",
        (c.Arg("self"), c.Arg("features", c.Name("Tensor"))),
        c.Name("Tensor"),
        body=(
            c.Assign(
                x, c.Call(c.Name("self.hidden1"), (features,)), c.Name("Tensor"), "(batch, 8)"
            ),
            c.Return(x),
        ),
    )
    docstring = "Five features to one probability.\n\nShape:\n    features: (batch, 5) float32"
    assert (
        render([c.ClassDef("Network", (c.Name("nn.Module"),), docstring, (init, forward))])
        == '''\
class Network(nn.Module):
    """Five features to one probability.

    Shape:
        features: (batch, 5) float32
    """

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(5, 8)

    def forward(self, features: Tensor) -> Tensor:
        x: Tensor = self.hidden1(features)  # (batch, 8)
        return x'''
    )


def test_a_trailing_comment_that_does_not_fit_stands_above_wrapped() -> None:
    long = " ".join(["word"] * 30)
    statement = c.Return(c.Name("x"), long)
    above = render([statement], indent=4).split("\n")
    assert above[-1] == "    return x"
    assert all(line.startswith("    # word") and len(line) <= WIDTH for line in above[:-1])
    assert " ".join(line.removeprefix("    # ") for line in above[:-1]) == long
    fits = c.Return(c.Name("x"), "c" * (WIDTH - len("return x  # ")))
    assert render([fits]).count("\n") == 0
    assert render([c.Return(c.Name("x"), fits.comment + "c")]).count("\n") == 1


def test_an_exploded_statement_has_its_comment_above() -> None:
    call = c.Call(c.Name("f"), tuple(c.Name(f"argument_number_{i}") for i in range(6)))
    lines = render([c.Assign(c.Name("x"), call, comment="(batch, 8)")]).split("\n")
    assert lines[:2] == ["# (batch, 8)", "x = f("]
    assert lines[-2:] == ["    argument_number_5,", ")"]


@pytest.mark.parametrize(
    "bad",
    ["", "a b", "1a", "class", "None", "a-b", "x\n", "ﬁ", "é", "a.", ".a", "a..b", "__debug__"],
)
def test_names_that_are_none_are_refused(bad: str) -> None:
    for make in (
        lambda: c.Name(bad),
        lambda: c.Keyword(bad, c.Name("x")),
        lambda: c.Attribute(c.Name("x"), bad),
        lambda: c.Arg(bad),
        lambda: c.Import(bad),
        lambda: c.Import("torch", bad or " "),
        lambda: c.ImportFrom("torch", (bad,)),
        lambda: c.FunctionDef(bad, body=(c.Return(),)),
        lambda: c.ClassDef(bad, docstring="It is."),
    ):
        with pytest.raises(ValueError):
            make()


def test_what_python_could_not_read_back_is_refused() -> None:
    x = c.Name("x")
    loop = c.GeneratorExp(x, x, x)
    for make in (
        lambda: c.Constant(float("inf")),
        lambda: c.Constant(float("nan")),
        lambda: c.Constant(10**4300),
        lambda: c.Constant(b"bytes"),  # type: ignore[arg-type]
        lambda: c.Constant(type("Text", (str,), {})("x")),
        lambda: c.UnaryOp("; import os #", x),  # type: ignore[arg-type]
        lambda: c.BinOp(x, "+ evil() +", x),  # type: ignore[arg-type]
        lambda: c.Compare(x, ("<",), ()),
        lambda: c.Call(x, (loop, x)),
        lambda: c.Call(x, (), (c.Keyword("a", x), c.Keyword("a", x))),
        lambda: c.FunctionDef("f", (c.Arg("a"), c.Arg("a")), body=(c.Return(),)),
        lambda: c.FunctionDef("f", (c.Arg("a", None, x), c.Arg("b")), body=(c.Return(),)),
        lambda: c.FunctionDef("f"),
        lambda: c.FunctionDef("f", body=(c.Comment("nothing"),)),
        lambda: c.If(x, ()),
        lambda: c.For(x, x, ()),
        lambda: c.Assign(x, None),
        lambda: c.WithItem(c.Tuple((x,))),
        lambda: c.Subscript(x, c.Tuple((c.Slice(),))),
        lambda: c.Expr(c.Constant("a docstring?")),
        lambda: c.ClassDef("A", docstring=" \n"),
    ):
        with pytest.raises(ValueError):
            make()


@given(st.sampled_from("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
def test_a_comment_cannot_end_its_line(end: str) -> None:
    for text in (f"a{end}b", f"a{end}", end):
        for make in (c.Comment, lambda text: c.Return(None, text)):
            with pytest.raises(ValueError):
                make(text)


@pytest.mark.parametrize("text", ["coding: latin-1", "-*- encoding=utf-7 -*-", "type: ignore"])
def test_a_comment_gives_no_orders(text: str) -> None:
    """Neither Python (PEP 263) nor mypy obeys a comment that came from a spec."""
    source = render([c.Comment(text), c.Assign(c.Name("x"), c.Constant("é"))])
    assert compile(source.encode(), "x.py", "exec")
    assert "coding:" not in source
    assert "coding=" not in source
    assert "# type:" not in source


def test_plain_text_is_no_node() -> None:
    for statement in ("import os", c.Expr(c.Call("os.system")), c.Return("x")):  # type: ignore
        with pytest.raises(TypeError):
            render([statement])  # type: ignore[list-item]


@random
@given(st.text("abc \n\t\"'\\\0é猫\u2028\ud800", max_size=30))
def test_any_string_comes_back_from_its_literal(text: str) -> None:
    source = expression(c.Constant(text))
    assert ast.literal_eval(source) == text
    assert source.isprintable()


@random
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_any_number_comes_back_from_its_literal(number: float) -> None:
    source = expression(c.Constant(number))
    assert (value := ast.literal_eval(source)) == number
    assert type(value) is type(number)
    assert str(value) == str(number)  # the sign of zero, too
