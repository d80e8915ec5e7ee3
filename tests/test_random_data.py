"""Rows that are drawn afresh for each batch are those that the expressions say."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest
import torch
from test_training import run, submodule
from torch import nn
from training_package import built, problems_of
from training_specs import DRAWN


def test_training_is_that_of_a_plain_loop(tmp_path: Path) -> None:
    package = built(DRAWN, tmp_path)
    trained = package.train()
    torch.manual_seed(0)
    model = submodule(package, "model").Drawn()
    optimizer = torch.optim.Adam(model.parameters())
    losses = []
    for _ in range(2):
        total = 0.0
        for _ in range(3):
            x = torch.rand(8, 2) * math.pi
            side = torch.randint(0, 3, (8,))
            target = torch.sin(x[:, :1]) + side.unsqueeze(1)
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x, side), target)
            torch.autograd.backward(loss)
            optimizer.step()
            total += loss.item() * 8
        losses.append(total / 24)
    assert [row["train_loss"] for row in trained.history] == pytest.approx(losses, rel=1e-6)
    ours, theirs = trained.model.state_dict().values(), model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_no_batch_is_seen_twice(tmp_path: Path) -> None:
    data = submodule(built(DRAWN, tmp_path), "data").load_data()
    drawn = torch.cat([x for _ in range(2) for x, _, _ in data.batches(8)])
    assert len(drawn) == 48 == len(torch.unique(drawn, dim=0))


def test_the_root_of_the_mean_square_is_that_of_all_rows(tmp_path: Path) -> None:
    package = built(DRAWN, tmp_path)
    train, model = submodule(package, "train"), submodule(package, "model").Drawn()
    data = submodule(package, "data").load_data()
    torch.manual_seed(1)
    measured = train.evaluate(model, train.build_loss(), data)
    torch.manual_seed(1)
    rows = list(data.batches(8))
    x, side, target = map(torch.cat, zip(*rows, strict=True))
    error = (model(x, side) - target).square().mean().sqrt()
    assert measured["rmse"] == pytest.approx(error.item(), rel=1e-5)


def test_the_command_line_draws_rows(tmp_path: Path) -> None:
    built(DRAWN, tmp_path)
    command = (sys.executable, "-m", "drawn")
    trained = run(tmp_path, *command, "train", "--epochs", "1")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["part"] == "train"
    row = '{"x": [1.0, 2.0], "side": 2}\n'
    assert "prediction" in run(tmp_path, *command, "predict", "-", text=row).stdout


READER = """
[model]
name = "Reader"
inputs.signal = ["batch", 6, 2]
layers = [
  { type = "Linear", out_features = 4 },
  { name = "logs", expr = "log_softmax(_, dim=-1)" },
]
outputs = ["logs"]

[data]
type = "random"
rows = 4
signal = "rand(batch, 6, 2)"
target = "randint(1, 4, (batch, 2))"

[loss]
type = "CTCLoss"
inputs = { log_probs = "logs.transpose(0, 1)",
  input_lengths = "full((signal.shape[0],), 6, dtype='int64')",
  target_lengths = "(target != 0).sum(dim=1)" }

[optimizer]
type = "Adam"

[training]
epochs = 1
batch_size = 4
seed = 0
"""


def test_targets_that_are_drawn_are_aligned_with_sequences(tmp_path: Path) -> None:
    package = built(READER, tmp_path)
    trained = package.train()
    torch.manual_seed(0)
    model = submodule(package, "model").Reader()
    signal, target = torch.rand(4, 6, 2), torch.randint(1, 4, (4, 2))
    logs = model(signal).transpose(0, 1)
    lengths = torch.full((4,), 6), torch.full((4,), 2)
    loss = nn.functional.ctc_loss(logs, target, *lengths)
    assert trained.history[0]["train_loss"] == pytest.approx(loss.item(), rel=1e-6)


@pytest.mark.parametrize(
    ("target", "code", "where"),
    [
        ("randint(0, 5, (batch, 2))", "wrong-target", "data.target"),
        ("randint(-1, 4, (batch, 2))", "wrong-target", "data.target"),
        ("randint(5, (batch, 2))", "wrong-target", "data.target"),
        ("randint(1, 4, (batch, 2)) * 2", "varying-size", "loss"),
        ("randint(1, 2 + batch, (batch, 2))", "varying-size", "loss"),
    ],
)
def test_targets_beyond_the_classes_are_refused(target: str, code: str, where: str) -> None:
    found = problems_of(READER.replace("randint(1, 4, (batch, 2))", target))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]


EDITS = [
    ("rand(batch, 2)", "rand(batch, 3)", "shape-mismatch", "data.x"),
    ('"randint(0, 3, (batch,))"', '"rand(batch)"', "shape-mismatch", "data.side"),
    ("sin(x[:, :1])", "sin(y[:, :1])", "unknown-name", "data.target"),
    ('side = "randint(0, 3, (batch,))"', "side = 3", "wrong-type", "data.side"),
    ("rows = 24\n", "", "missing-key", "data"),
    ("rows = 24", "rows = 25", "invalid-value", "data.rows"),
    ("rows = 24", "rows = 24\nz = 'rand(batch)'", "unknown-key", "data.z"),
    ("rows = 24", "rows = 24\nfolds = 2", "wrong-split", "data.folds"),
    ("batch_size = 8", 'batch_size = "all"', "invalid-value", "training.batch_size"),
    ("rows = 24", 'rows = 24\ninputs.x = { prepare = ["standard"] }', "wrong-preparation",
     "data.inputs.x.prepare"),
]  # fmt: skip


def test_sound_specs_have_no_problems() -> None:
    assert problems_of(DRAWN) == []


@pytest.mark.parametrize(("old", "new", "code", "where"), EDITS)
def test_each_mistake_is_reported_once_at_its_place(
    old: str, new: str, code: str, where: str
) -> None:
    assert old in DRAWN
    found = problems_of(DRAWN.replace(old, new))
    assert [(problem.code, problem.where) for problem in found] == [(code, where)]
