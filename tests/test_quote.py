"""Quoted code says what Python says."""

from __future__ import annotations

import ast

import pytest

from specc.compiler.emit import code
from specc.compiler.emit.printer import render
from specc.compiler.emit.quote import quote, quoted

PIECES = [
    "x = 1",
    "x: dict[str, float] = {'a': -1.5, 'b': 2}",
    "total += loss.detach() * len(target)",
    "a, b = f(*rows, key=None)[1:, ..., ::2]",
    "if not a < b <= c and d is not None:\n    raise ValueError('no')\nelif a:\n    b = 2\n"
    "else:\n    c = 3",
    "for index, (name) in pairs:\n    f(name)[0].g(index)",
    "with torch.no_grad() as guard, other():\n    y = x @ w if t else -x ** 2",
    "import torch.nn.functional as F",
    "from ..spec import dim, shape",
    "y = tuple(f(x) for x in rows)",
    "@staticmethod\ndef f(a: int, b: int = 2, *, c: str = 'x') -> None:\n    '''Says.'''\n    a()",
    "class A(B, C):\n    '''Says.'''\n    x: int\n    def f(self) -> int:\n        return ~self.x",
    "assert (a, [b, c]) == (x.y.z, [])",
]


@pytest.mark.parametrize("piece", PIECES)
def test_quoting_and_printing_keeps_the_meaning(piece: str) -> None:
    assert ast.dump(ast.parse(render(quote(piece)))) == ast.dump(ast.parse(piece))


def test_comments_stay_where_they_were() -> None:
    text = "# above\nx = 1  # beside\nif x:\n    # within\n    y = 2"
    assert render(quote(text)) == text


def test_a_string_renames_and_fills_docstrings() -> None:
    made = quote('def f(x: T) -> T:\n    """Gives {T}."""\n    return T(x, T=x.T)', T="Model")
    assert render(made) == (
        'def f(x: Model) -> Model:\n    """Gives Model."""\n    return Model(x, Model=x.Model)'
    )


def test_a_node_replaces_a_name_and_statements_a_line() -> None:
    two = code.BinOp(code.Constant(1), "+", code.Constant(1))
    assert render(quote("y = N * 2", N=two)) == "y = (1 + 1) * 2"
    inner = quote("a = 1\nb = 2")
    assert render(quote("for x in rows:\n    BODY", BODY=inner)) == (
        "for x in rows:\n    a = 1\n    b = 2"
    )


def test_no_statements_leave_no_line() -> None:
    assert render(quote("a = 1\nHOLE\nb = 2", HOLE=())) == "a = 1\nb = 2"


def test_a_name_must_be_a_name() -> None:
    with pytest.raises(ValueError, match="identifier"):
        quoted("N(x)", N="f(); g")


def test_what_has_no_node_is_refused() -> None:
    with pytest.raises(TypeError, match="Lambda"):
        quoted("lambda x: x")
