"""Random programs made of code nodes, with hostile text in every place that takes text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from code_meaning import BINARY, COMPARE, UNARY
from hypothesis import strategies as st

from specc.compiler.emit import code as c

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

    def word(self) -> Any:
        return self.draw(identifiers)

    def words(self) -> Any:
        return self.draw(st.lists(identifiers, max_size=4, unique=True))

    def name(self) -> Any:
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

    def number(self) -> Any:
        """An expression as it may stand in a string."""
        index = c.BinOp(self.name(), self.draw(st.sampled_from(["+", "*"])), c.Constant(2))
        return self.choice(self.name, lambda: index, lambda: c.Subscript(self.name(), index))

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

    def expression(self) -> Any:
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
            lambda: c.List((self.loop(),)),
            lambda: c.List((c.Starred(self.loop()),)),
            lambda: c.Dict(self.several(lambda: (self.inner(), self.inner()), 0, 3)),
            lambda: c.DictComp(self.inner(), self.inner(), self.draw(loop_targets()), self.inner()),
            lambda: c.JoinedStr((self.word(), self.number(), ".", self.number())),
            lambda: c.UnaryOp(self.draw(st.sampled_from([*UNARY])), self.inner()),
            lambda: c.BoolOp(
                self.draw(st.sampled_from(["and", "or"])), self.several(self.inner, 2, 3)
            ),
            lambda: c.IfExp(self.inner(), self.inner(), self.inner()),
        )


class DrawnStatement(Drawn):
    def value(self) -> Any:
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

    def simple(self) -> Any:
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

    def statement(self) -> Any:
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
def expressions(draw: Draw, depth: int = 2) -> Any:
    return DrawnExpression(draw, depth).expression()


@st.composite
def statements(draw: Draw, depth: int, commented: bool) -> Any:
    return DrawnStatement(draw, depth, commented).statement()


def programs(*, commented: bool) -> st.SearchStrategy[list[c.Statement]]:
    return st.lists(statements(2, commented), min_size=1, max_size=4)
