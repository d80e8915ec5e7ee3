"""Rows that stand in a spec reach the model as the tensors that torch makes of them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from training_package import built, files_of, problems_of

from specc.spec.source import parse_toml

SPEC = """
[model]
name = "Listed"
inputs.x = {{ shape = ["batch", {row}], dtype = "{dtype}" }}
layers = [
  {{ name = "flat", expr = "flatten(x.to('float32'), 1)" }},
  {{ name = "output", type = "Linear", out_features = 1 }},
]

[data]
type = "lists"
x = {x}
target = {target}

[loss]
type = "MSELoss"

[optimizer]
type = "SGD"

[training]
epochs = 2
batch_size = "all"
"""
XOR = """
[model]
name = "Xor"
inputs.bits = ["batch", 2]
layers = [
  { name = "hidden", type = "Linear", out_features = 4 },
  "Tanh",
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "lists"
bits = [[0, 0], [0, 1], [1, 0], [1, 1]]
target = [0, 1, 1, 0]

[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "SGD"
lr = 0.5
momentum = 0.9

[training]
epochs = 200
batch_size = "all"
seed = 0
metrics = ["accuracy"]
"""
CASES = [
    ("float32", "2", [[0.5, -1.0], [1e-30, 3.0]]),
    ("float32", "2", [[1, 2], [3, 4]]),
    ("float64", "2", [[0.1, 0.2], [0.3, 1]]),
    ("int64", "2", [[1, -2], [3, 2**40]]),
    ("uint8", "2", [[0, 255], [1, 2]]),
    ("bool", "2", [[True, False], [False, False]]),
    ("float32", "1, 2", [[[1.5, 2.5]], [[3.5, 4.5]]]),
]


def text(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def spec(dtype: str, row: str, x: list[object], target: list[object]) -> str:
    return SPEC.format(dtype=dtype, row=row, x=text(x), target=text(target))


@pytest.mark.parametrize(("dtype", "row", "x"), CASES)
def test_lists_become_the_tensors_that_torch_makes_of_them(
    tmp_path: Path, dtype: str, row: str, x: list[object]
) -> None:
    package = built(spec(dtype, row, x, [1, 0]), tmp_path)
    data = sys.modules[f"{package.__name__}.data"].load_data()
    expected = torch.tensor(x, dtype=getattr(torch, dtype))
    assert data.x.dtype == expected.dtype
    assert torch.equal(data.x, expected)
    assert data.target.tolist() == [[1.0], [0.0]]
    assert len(package.train().history) == 2


NUMBER = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.lists(st.lists(NUMBER, min_size=2, max_size=2), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_numbers_stay_what_they_are(rows: list[list[float]]) -> None:
    _, files = files_of(spec("float32", "2", list(rows), [0.0] * len(rows)))
    (constant,) = (
        node.value
        for node in ast.parse(files["data.py"]).body
        if isinstance(node, ast.AnnAssign) and node.value is not None
    )
    assert ast.literal_eval(constant) == {"x": rows, "target": [0.0] * len(rows)}


def test_a_network_learns_from_lists(tmp_path: Path) -> None:
    package = built(XOR, tmp_path)
    trained = package.train()
    bits = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    answers = package.predict(trained.model, bits).round().flatten()
    assert answers.tolist() == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("dtype", "value", "accepted"),
    [
        ("int8", -128, True),
        ("int8", -129, False),
        ("int8", 128, False),
        ("uint8", -1, False),
        ("uint8", 256, False),
        ("int64", -(2**63), True),
        ("int32", 2**31, False),
        ("bool", 1, False),
        ("float32", True, False),
        ("int64", 1.0, False),
    ],
)
def test_numbers_must_fit_their_dtype(dtype: str, value: object, accepted: bool) -> None:
    problems = problems_of(spec(dtype, "1", [[value]], [0]))
    assert (problems == []) == accepted
    assert len(problems) <= 1


def test_class_numbers_may_be_the_ignored_one() -> None:
    classes = XOR.replace("out_features = 1", "out_features = 2")
    classes = classes.replace("[0, 1, 1, 0]", "[0, 1, 1, 7]")
    classes = classes.replace("BCEWithLogitsLoss", "CrossEntropyLoss")
    assert [problem.where for problem in problems_of(classes)] == ["data.target[3]"]
    ignored = classes.replace('"CrossEntropyLoss"', '"CrossEntropyLoss"\nignore_index = 7')
    assert problems_of(ignored) == []


@pytest.mark.parametrize("name", ["split", "inputs"])
def test_an_input_named_as_a_key_of_data_is_refused(name: str) -> None:
    renamed = XOR.replace("inputs.bits", f"inputs.{name}").replace("\nbits =", "\nrows =")
    assert parse_toml(renamed, "spec.toml")
    assert "name-clash" in {problem.code for problem in problems_of(renamed)}
