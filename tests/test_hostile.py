"""Whatever is written, `check` answers with diagnostics: no exception, no hang, no place outside.

Specs that compile are mutated: values and keys deleted, doubled, moved, replaced by junk of all
types; expressions are random texts, and random trees of what the language has.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import specc
from specc.spec.diagnostic import Diagnostic
from specc.spec.registry import families

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.toml"))
SPECS: list[dict[str, Any]] = [
    *(tomllib.loads(path.read_text("utf-8")) for path in EXAMPLES),
    tomllib.loads("""
[model]
name = "Small"
params = { width = 4, depth = 2 }
require = ["width % 2 == 0"]
inputs.x = { shape = ["batch", "2*time", "width"], where = ["batch <= 64"] }
inputs.y = ["batch", "width"]
layers = [
  { name = "table", type = "Parameter", shape = ["width"], init = "ones_" },
  { name = "left", type = "Half", inputs = "x", repeat = "depth" },
  { name = "fc", type = "Linear", out_features = "width", inputs = "x" },
  { name = "body", inputs = "left", layers = [
    { name = "first", type = "Linear", out_features = "width" },
    { type = "Dropout", p = 0.1, when = "depth > 1" },
  ] },
  { name = ["a", "b"], expr = "split(body, 2, dim=2)" },
  { name = "again", expr = "fc(x + 1) + table * y[:, None] @ fc.weight" },
  { name = "d", expr = "grad(y ** 2, y) + body.first.mean(dim=1)" },
  { name = "e", expr = "cat([a, b], dim=2) + again * fc + (left if training else x)" },
]
outputs = ["e", "d"]
tie = { "left.0.fc.weight" = "body.first.weight" }
init = [{ match = "*.bias", type = "zeros_" }]

[blocks.Half]
params = { wide = 4, negative = { type = "float", default = 0.1 }, middle = "wide // 2" }
inputs.x = ["batch", "time", "d"]
layers = [
  { name = "fc", type = "Linear", out_features = "2 * middle", when = "d == wide" },
  { type = "LeakyReLU", negative_slope = "negative" },
  { expr = "_ + x.reshape(batch, time, d)" },
]

[budget]
parameters = "<= 1M"
at = { batch = 2, time = 3 }
"""),
]
WORDS = """x y a b body left again d fc table width depth batch time index training _ relu softmax
    split cat sum mean view reshape transpose linalg fft torch grad finfo zeros arange dim shape
    dtype weight float32 int64 None True False pi inf nan each self""".split()
SIGNS = """+ - * / // % ** @ & | ~ ( ) [ ] { } , : . ... = == != < <= > >= and or not if else is
    in""".split()
OPERATORS = "+ - * / // % ** @ & | == != < <= > >=".split()
FUNCTIONS = [name.replace("linalg_", "linalg.") for name in sorted(families("ops"))]
VALUES = ["x", "y", "fc", "body", "whole", "x", "y"]
NUMBERS = ["0", "1", "-1", "2", "5", "1.5", "1e308", "10**18", "9223372036854775807", "0.0", "64"]
CHANGES = ["delete", "replace", "expression", "move", "rename", "double"]
SECONDS = 20.0

texts = st.text(max_size=12)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 6),
    st.floats(),
    texts,
    st.sampled_from(WORDS),
)
values = st.sampled_from(VALUES)
plain = st.sampled_from(NUMBERS + WORDS[-20:] + ["width", "depth", "batch", "time", "'sum'"])


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Calls of anything with a tensor first, and whatever else behind it."""
    arguments = st.lists(inner | plain, max_size=2)
    return st.builds(
        lambda function, first, rest, is_method: (
            f"({first}).{function}({', '.join(rest)})"
            if is_method
            else f"{function}({', '.join([first, *rest])})"
        ),
        st.sampled_from(FUNCTIONS),
        inner,
        arguments,
        st.booleans(),
    )


trees = st.recursive(
    values | plain,
    lambda inner: st.one_of(
        _calls(inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[:, {}:{}]".format, inner, plain, plain),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    ),
    max_leaves=8,
)
soups = st.lists(st.sampled_from(WORDS + SIGNS + NUMBERS + ["'a'"]), max_size=12).map(" ".join)
expressions = soups | trees | _calls(values)
KEYS = """name type expr layers inputs outputs when repeat shared keep call shape dtype where params
    init match tie value require out_features in_features bias kernel_size stride p dim default
    optional parametrize recompute scan sequential budget data loss optimizer training""".split()
junk = st.recursive(
    scalars | expressions,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=3)
    ),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value in a tree."""
    if path:
        yield path
    if isinstance(value, dict | list):
        items: Any = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _places(inner, (*path, key))


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A spec with one to four things changed."""
    tree: dict[str, Any] = deepcopy(draw(st.sampled_from(SPECS)))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(tree))
        if not places:
            break
        *above, key = draw(st.sampled_from(places))
        owner = _at(tree, tuple(above))
        match draw(
            st.sampled_from(["delete", "replace", "expression", "move", "rename", "double"])
        ):
            case "delete":
                del owner[key]
            case "replace":
                owner[key] = draw(junk)
            case "expression":
                owner[key] = draw(expressions)
            case "move":
                owner[key] = deepcopy(_at(tree, draw(st.sampled_from(places))))
            case "rename" if isinstance(owner, dict):
                owner[draw(st.sampled_from(KEYS) | texts)] = owner.pop(key)
            case _ if isinstance(owner, list):
                owner.insert(key, deepcopy(owner[key]))
    return tree


def _survives(text: str, format: Any) -> list[Diagnostic]:
    begin = process_time()
    found = specc.check(text, format=format)
    assert process_time() - begin < SECONDS
    for problem in found:
        assert problem.message
        assert len(problem.message) < 1_100
        for span in (problem.span, *(label.span for label in problem.labels)):
            assert span is not None
            assert 0 <= span.start <= span.end <= len(text)
    return found


def _builds(text: str, format: Any) -> None:
    """What `check` accepts has a package of valid Python."""
    for name, written in specc.compile(text, format=format).files.items():
        if name.endswith(".py"):
            ast.parse(written)


def _check_mutated(tree: dict[str, Any]) -> None:
    text = json.dumps(tree)
    by_text = _survives(text, "json")
    if not by_text:
        _builds(text, "json")
    by_dict = specc.check(tree) if "NaN" not in text and "Infinity" not in text else by_text
    # The same tree from a text and from a dict has the same problems, though the order may differ.
    if not any(None in (_at(tree, path),) for path in _places(tree)):
        assert {p.message for p in by_text} == {p.message for p in by_dict}


few = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
many = settings(deadline=None, max_examples=4_000, suppress_health_check=list(HealthCheck))


@few
@given(mutated())
def test_mutated_specs_get_answers(tree: dict[str, Any]) -> None:
    _check_mutated(tree)


@pytest.mark.slow
@many
@given(mutated())
def test_many_mutated_specs_get_answers(tree: dict[str, Any]) -> None:
    _check_mutated(tree)


def _with_entries(entries: list[dict[str, str]]) -> str:
    return json.dumps(
        {
            "model": {
                "name": "Net",
                "params": {"width": 4, "depth": 2},
                "require": ["width * depth > 0"],
                "inputs": {"x": ["batch", "time"], "y": ["batch", 5]},
                "layers": [
                    {"name": "fc", "type": "Linear", "out_features": 5, "inputs": "y"},
                    {"name": "body", "layers": [{"name": "a", "type": "ReLU"}], "inputs": "x"},
                    {"name": "whole", "expr": "body.mean() + fc.mean()"},
                    *entries,
                ],
                "outputs": ["whole", *(entry["name"] for entry in entries)],
            }
        }
    )


def _check_expression(text: str) -> None:
    value = {"name": "d", "expr": text}
    for entries in ([value], [value, {"name": "b", "type": "Dropout", "p": text, "inputs": "x"}]):
        whole = _with_entries(entries)
        if not _survives(whole, "json"):
            _builds(whole, "json")


@few
@given(expressions)
def test_expressions_get_answers(text: str) -> None:
    _check_expression(text)


@pytest.mark.slow
@many
@given(expressions)
def test_many_expressions_get_answers(text: str) -> None:
    _check_expression(text)


@few
@given(st.sampled_from(EXAMPLES), st.data())
def test_damaged_texts_get_answers(path: Path, data: st.DataObject) -> None:
    text = path.read_text("utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 9))
        text = text[:start] + data.draw(texts) + text[end:]
    if not _survives(text, "toml"):
        _builds(text, "toml")


def _nested(depth: int) -> object:
    entry: object = "ReLU"
    for level in range(depth):
        entry = {"name": f"c{level}", "layers": [entry]}
    return entry


def _model(layers: list[object], **more: object) -> str:
    spec = {"name": "Net", "inputs": {"x": ["batch", 5]}, "layers": layers, **more}
    return json.dumps({"model": spec})


def _blocks(count: int, uses: int, name: str) -> str:
    """Blocks that each use the next one so many times, with a param that tells the uses apart."""
    blocks: dict[str, object] = {
        f"B{i}": {
            "params": {"n": "int"},
            "layers": [{"type": f"B{i + 1}", "n": name.format(use)} for use in range(uses)],
        }
        for i in range(count)
    }
    blocks[f"B{count}"] = {
        "params": {"n": "int"},
        "layers": [{"type": "Dropout", "p": "0.5 if n > 0 else 0.1"}],
    }
    model = {"name": "Net", "inputs": {"x": [5]}, "layers": [{"type": "B0", "n": 1}]}
    return json.dumps({"model": model, "blocks": blocks})


HUGE = {
    "containers": _model([_nested(29)]),
    "brackets": "[" * 100_000,
    "objects": '{"a":' * 100_000,
    "keys": json.dumps({f"k{i}": i for i in range(2_000)}),
    "arguments": _model([{"type": "Linear", **{f"k{i}": i for i in range(2_000)}}]),
    "chain": _model(["ReLU"] * 2_000),
    "sum": _model([{"expr": "+".join(["x"] * 3_000)}]),
    "power": _model([{"type": "Dropout", "p": "(((9 ** 64) ** 64) ** 64) ** 64"}]),
    "product": _model([{"type": "Linear", "out_features": "*".join(["999999999"] * 40)}]),
    "size": _model(["ReLU"], inputs={"x": ["*".join(["(a+b+c+d+e)"] * 50)]}),
    "rank": _model([{"expr": "x + x"}], inputs={"x": ["a"] * 500}),
    "pieces": _model([{"expr": "split(x, 1, dim=1)[0]"}], inputs={"x": [3, 10**15]}),
    "doubling": _blocks(40, 2, "n"),
    "depth": _blocks(2_000, 1, "n"),
    "name": _model([{"name": "n" * 100_000, "type": "ReLU"}]),
    "type": _model(["R" * 100_000]),
    "key": _model([{"type": "ReLU", "k" * 100_000: 1}]),
    "pattern": _model(["ReLU"], init=[{"match": "*a" * 3_000, "type": "zeros_"}]),
    "conditions": _model(
        ["ReLU"],
        inputs={"x": {"shape": ["a", "b"], "where": [f"a <= {i} * b" for i in range(1, 2_000)]}},
    ),
    "repeats": _model(
        [{"name": "c", "repeat": 10**5, "layers": [{"type": "ReLU", "repeat": 10**5}]}]
    ),
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_huge_specs_get_answers_soon(text: str) -> None:
    _survives(text, "json")


@pytest.mark.slow
def test_the_most_layers_take_bounded_time() -> None:
    begin = process_time()
    (problem,) = specc.check(_blocks(40, 2, "2 * n + {}"), format="json")
    assert problem.code == "too-many-layers"
    assert process_time() - begin < 3 * SECONDS
