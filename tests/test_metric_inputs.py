"""Metrics of expressions: what they compare, what they take it for, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sklearn.metrics import f1_score  # type: ignore[import-untyped]
from test_training import RUFF, TOOLS, run, submodule
from training_package import built, files_of, problems_of
from training_specs import LANGUAGE

TWO_HEADS = """
[model]
name = "Heads"
inputs.x = ["batch", 6]
layers = [
  { name = "hidden", type = "Linear", out_features = 16 },
  { name = "act", type = "ReLU" },
  { name = "kind", type = "Linear", inputs = "act", out_features = 3 },
  { name = "first", type = "Linear", inputs = "act", out_features = 1 },
]
outputs = ["kind", "first"]

[data]
type = "make_classification"
n_samples = 120
n_features = 6
n_informative = 4
n_classes = 3
random_state = 0
split = { train = 0.5, validation = 0.5, seed = 0 }

[[loss]]
type = "CrossEntropyLoss"
inputs = { input = "kind" }

[[loss]]
type = "BCEWithLogitsLoss"
inputs = { input = "first", target = "(target == 0).float().unsqueeze(1)" }

[optimizer]
type = "AdamW"
lr = 0.01

[training]
epochs = 3
batch_size = 20
seed = 0
metrics = [
  { type = "accuracy", inputs = { input = "kind" } },
  { type = "f1", inputs = { input = "kind" } },
  { type = "accuracy", name = "first_accuracy", inputs = { input = "first", target = "(target == 0).float().unsqueeze(1)" } },
  { type = "auroc", name = "first_auroc", inputs = { input = "first", target = "(target == 0).float().unsqueeze(1)" } },
  { type = "mae", name = "unsure", inputs = { input = "sigmoid(first)", target = "x[:, :1].abs()" } },
]
"""  # noqa: E501
ROOTS = """
[model]
name = "Roots"
inputs.x = ["batch", 3]
layers = [{ name = "y", type = "Linear", out_features = 1 }]

[data]
type = "make_regression"
n_samples = 60
n_features = 3
random_state = 0

[loss]
type = "MSELoss"
inputs = { input = "tanh(y)", target = "tanh(target)" }

[optimizer]
type = "SGD"
lr = 0.1

[training]
epochs = 2
batch_size = "all"
metrics = [{ type = "mae", inputs = { target = "target" } }, { type = "rmse", inputs = { input = "exp(tanh(y))", target = "exp(tanh(target))" } }]
"""  # noqa: E501


def test_each_head_is_measured_by_its_own_target(tmp_path: Path) -> None:
    package = built(TWO_HEADS, tmp_path)
    trained = package.train()
    rows = submodule(package, "data").load_parts().validation
    with torch.no_grad():
        output = trained.model(rows.x)
    measured = trained.history[-1]
    kind, target = output.kind.argmax(dim=1), rows.target
    yes, first = (target == 0).reshape(-1, 1), output.first
    pairs = first[yes].reshape(-1, 1) - first[~yes].reshape(1, -1)
    expected = {
        "accuracy": (kind == target).float().mean().item(),
        "f1": f1_score(target, kind, average="macro"),
        "first_accuracy": ((first > 0) == yes).float().mean().item(),
        "first_auroc": (pairs > 0).float().mean().item(),
        "unsure": (first.sigmoid() - rows.x[:, :1].abs()).abs().mean().item(),
    }
    assert {name: measured[f"validation_{name}"] for name in expected} == pytest.approx(expected)


def test_a_metric_reads_what_a_loss_rewrites(tmp_path: Path) -> None:
    package = built(ROOTS, tmp_path)
    model = package.Roots()
    data = submodule(package, "data").load_data()
    train = submodule(package, "train")
    measured = train.evaluate(model, train.Loss(), data)
    with torch.no_grad():
        output = model(data.x)
    assert measured["mae"] == pytest.approx((output - data.target).abs().mean().item())
    difference = output.tanh().exp() - data.target.tanh().exp()
    assert measured["rmse"] == pytest.approx(difference.square().mean().sqrt().item())


@pytest.mark.parametrize("text", [TWO_HEADS, ROOTS])
def test_packages_satisfy_ruff(tmp_path: Path, text: str) -> None:
    name, files = files_of(text)
    (tmp_path / name).mkdir()
    for path, content in files.items():
        (tmp_path / name / path).write_text(content, "utf-8")
    for command in (["check"], ["format", "--check"]):
        done = run(tmp_path, str(TOOLS / "ruff"), *command, "--config", str(RUFF), name)
        assert done.returncode == 0, done.stdout


FIRST = "training.metrics[0]"


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ('{ input = "kind" } },\n  { type = "f1', '{ } },\n  { type = "f1', "wrong-metric", FIRST),
        ('{ input = "kind" } },\n  { type = "f1', '{ target = "target" } },\n  { type = "f1',
         "missing-input", f"{FIRST}.inputs"),
        ('{ input = "kind" } },\n  { type = "f1', '{ input = "act" } },\n  { type = "f1',
         "unknown-name", f"{FIRST}.inputs.input"),
        ('{ input = "kind" } },\n  { type = "f1', '{ inptu = "kind" } },\n  { type = "f1',
         "unknown-name", f"{FIRST}.inputs.inptu"),
        ('{ input = "kind" } },\n  { type = "f1', '{ input = "kind +" } },\n  { type = "f1',
         "syntax", f"{FIRST}.inputs.input"),
        ('{ input = "kind" } },\n  { type = "f1', '{ input = "kind @ x" } },\n  { type = "f1',
         "shape-mismatch", f"{FIRST}.inputs.input"),
        ('{ input = "kind" } },\n  { type = "f1', '3 },\n  { type = "f1',
         "wrong-type", f"{FIRST}.inputs"),
        ('{ input = "kind" } },\n  { type = "f1', '{ input = "2 * kind" } },\n  { type = "f1',
         "wrong-metric", FIRST),
        ('{ input = "kind" } },\n  { type = "f1',
         '{ input = "kind", target = "target.float()" } },\n  { type = "f1',
         "wrong-metric", f"{FIRST}.inputs"),
        ('"mae", name = "unsure"', '"recall", name = "unsure"', "wrong-metric",
         "training.metrics[4]"),
        ('"accuracy", inputs', '"accuracy", top_k = 4, inputs', "invalid-value", f"{FIRST}.top_k"),
        ('"accuracy", name = "first_accuracy"', '"accuracy", top_k = 2, name = "first_accuracy"',
         "wrong-metric", "training.metrics[2].top_k"),
    ],
)  # fmt: skip
def test_what_can_not_be_compared_is_refused(old: str, new: str, code: str, where: str) -> None:
    assert old in TWO_HEADS
    found = problems_of(TWO_HEADS.replace(old, new, 1))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]


def test_where_rows_come_batch_by_batch_a_metric_has_no_inputs() -> None:
    given = 'metrics = [{ type = "perplexity", inputs = { target = "target" } }]\n'
    lines = [line for line in LANGUAGE.splitlines(keepends=True) if not line.startswith("metrics")]
    text = "".join(lines).replace("[training]\n", "[training]\n" + given)
    assert "not-supported" in [problem.code for problem in problems_of(text)]
