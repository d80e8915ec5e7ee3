"""The printer: what it writes parses to what was meant, and `ruff format` would write the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from code_meaning import block, meaning, reference
from code_programs import expressions, programs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specc.compiler.emit import code as c
from specc.compiler.emit.printer import expression, render

WIDTH = 88
REFUSAL = "not an? |needs|repeated|only|without|several"
RUFF = Path(sys.executable).with_name("ruff")


def ruff_format(source: str) -> str:
    command = [str(RUFF), "format", "--isolated", "--line-length", str(WIDTH), "-"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


random = settings(
    max_examples=80,
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
    fits = "c" * (WIDTH - len("return x  # "))
    assert render([c.Return(c.Name("x"), fits)]).count("\n") == 0
    assert render([c.Return(c.Name("x"), fits + "c")]).count("\n") == 1


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
        with pytest.raises(ValueError, match=REFUSAL):
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
        lambda: c.List((loop, x)),
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
        with pytest.raises(ValueError, match=REFUSAL):
            make()


@given(st.sampled_from("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))
def test_a_comment_cannot_end_its_line(end: str) -> None:
    for text in (f"a{end}b", f"a{end}", end):
        for make in (c.Comment, lambda text: c.Return(None, text)):
            with pytest.raises(ValueError, match=REFUSAL):
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
