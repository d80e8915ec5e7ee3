"""`layers` of `[loss]`: values that exist only in training, held to a plain loop."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from test_loss_terms import AMOUNTS, RUFF, assert_same, plain_model, spec
from torch import Tensor, nn
from training_package import built, files_of, problems_of

PROJECTED = """
[[loss]]
type = "MSELoss"
name = "fit"

[[loss]]
name = "near"
layers = [
  { name = "proj", type = "Linear", out_features = "width" },
  "BatchNorm1d",
  { name = "head", layers = [
    "ReLU", { type = "Dropout", p = 0.4 }, { name = "out", type = "Linear", out_features = 1 }
  ] },
  { name = "gap", expr = "relu(head) - x.sum(1, keepdim=True) * fc.weight.mean()" },
  { name = "shift", type = "Parameter", shape = [1], init = { type = "constant_", val = 0.5 } },
]
expr = "beta * (gap - target + shift).square().mean() + proj.weight.abs().mean()"
scale = 0.5
"""


class Near(nn.Module):
    """The layers of the loss, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.tensor([0.5]))
        self.proj = nn.Linear(1, 4)
        self.norm = nn.BatchNorm1d(4)
        self.dropout = nn.Dropout(0.4)
        self.out = nn.Linear(4, 1)

    def forward(self, output: Tensor, target: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        h = self.out(self.dropout(torch.relu(self.norm(self.proj(output)))))
        gap = torch.relu(h) - x.sum(1, keepdim=True) * weight.mean()
        near = 0.25 * (gap - target + self.shift).square().mean() + self.proj.weight.abs().mean()
        return nn.functional.mse_loss(output, target) + 0.5 * near


def first_weight(model: nn.Sequential) -> Tensor:
    layer = model[0]
    assert isinstance(layer, nn.Linear)
    return layer.weight


def by_hand(epochs: int = 3) -> tuple[nn.Sequential, Near]:
    """The model and the loss after training by hand."""
    model = plain_model()
    loss_fn = Near()
    x, target = torch.tensor(ROWS), torch.tensor(AMOUNTS)[:, None]
    generator = torch.Generator().manual_seed(4)
    optimizer = torch.optim.SGD([*model.parameters(), *loss_fn.parameters()], lr=0.1)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(x), generator=generator), 4):
            optimizer.zero_grad()
            loss = loss_fn(model(x[batch]), target[batch], x[batch], first_weight(model))
            loss.backward()
            optimizer.step()
    return model, loss_fn


ROWS = [[0.1, 0.2], [0.5, 0.4], [0.9, 0.3], [0.2, 0.8], [0.7, 0.6], [0.3, 0.1], [0.6, 0.9]]


def test_layers_train_as_by_a_plain_loop(tmp_path: Path) -> None:
    package = built(spec(PROJECTED, batch="4"), tmp_path)
    trained = package.train()
    model, loss_fn = by_hand()
    assert_same(trained.model, model)
    assert_same(trained.loss_fn, loss_fn)
    data = sys.modules["small.data"].load_data()
    expected = loss_fn.eval()(model(data.x), data.target, data.x, first_weight(model))
    measured = sys.modules["small.train"].evaluate(trained.model, trained.loss_fn, data)
    assert measured["loss"] == expected.item()
    # They are no part of the model.
    assert list(trained.model.state_dict()) == [
        "fc.weight",
        "fc.bias",
        "body.last.weight",
        "body.last.bias",
    ]


def test_they_are_kept_and_brought_back(tmp_path: Path) -> None:
    package = built(spec(PROJECTED, batch="4"), tmp_path)
    trained = package.train()
    package.save(trained.model, trained.loss_fn, tmp_path / "weights.pt")
    assert_same(package.load_loss_fn(tmp_path / "weights.pt"), trained.loss_fn)
    answers = package.predict(package.load(tmp_path / "weights.pt"), torch.tensor(ROWS))
    assert torch.equal(answers, trained.model(torch.tensor(ROWS)).detach())


def test_a_run_goes_on_with_them(tmp_path: Path) -> None:
    text = spec(PROJECTED, batch="4", training="epochs = 5\ncheckpoint = { every = 1 }")
    package = built(text, tmp_path)
    whole = package.train(run=tmp_path / "whole")
    package.train(epochs=2, run=tmp_path / "run")
    again = package.train(run=tmp_path / "run", resume=True)
    assert_same(again.model, whole.model)
    assert_same(again.loss_fn, whole.loss_fn)


TURNS = """
[[optimizer]]
type = "SGD"
lr = 0.1
match = ["fc.*", "body.*"]
loss = "fit"

[[optimizer]]
type = "SGD"
lr = 0.2
match = ["proj.*", "gap_offset"]
loss = "near"
"""
OFFSET = """
[[loss]]
type = "MSELoss"
name = "fit"

[[loss]]
name = "near"
layers = [
  { name = "gap_offset", type = "Parameter", shape = [1], init = "zeros_" },
  { name = "proj", type = "Linear", out_features = 1, inputs = "x + gap_offset" },
]
type = "L1Loss"
inputs = { input = "proj", target = "body.detach() + 0 * beta * width" }
"""


def test_an_optimizer_of_their_own_takes_its_turn(tmp_path: Path) -> None:
    trained = built(spec(OFFSET, optimizer=TURNS), tmp_path).train()
    model = plain_model()
    offset = nn.Parameter(torch.zeros(1))
    proj = nn.Linear(2, 1)
    x, target = torch.tensor(ROWS), torch.tensor(AMOUNTS)[:, None]
    generator = torch.Generator().manual_seed(4)
    ours = torch.optim.SGD(model.parameters(), lr=0.1)
    others = torch.optim.SGD([offset, *proj.parameters()], lr=0.2)
    for _ in range(3):
        for batch in torch.split(torch.randperm(7, generator=generator), 3):
            ours.zero_grad()
            nn.functional.mse_loss(model(x[batch]), target[batch]).backward()  # type: ignore[no-untyped-call]
            ours.step()
            others.zero_grad()
            near = nn.functional.l1_loss(proj(x[batch] + offset), model(x[batch]).detach() + 0)
            near.backward()  # type: ignore[no-untyped-call]
            others.step()
    assert_same(trained.model, model)
    state = trained.loss_fn.state_dict()
    assert torch.equal(state["gap_offset"], offset)
    assert torch.equal(state["proj.weight"], proj.weight)


TURNED = """
[loss]
type = "MSELoss"
layers = [
  { name = "rows", expr = "turned.view(-1, 4) + zeros(1)" },
  { name = "wide", expr = "rows.sum() + x.t().view(-1).sum()" },
]
inputs = { input = "body + 0 * wide * beta * width", target = "target" }
"""


def test_what_a_model_gives_may_lie_in_any_order(tmp_path: Path) -> None:
    """Nor is the output itself a tensor where there are several."""
    text = spec(
        TURNED, layers='{ name = "turned", expr = "fc.reshape(-1, 2, 2).transpose(1, 2)" },'
    )
    text = text.replace("[data]", 'outputs = ["body", "turned"]\n[data]', 1)
    built(text, tmp_path).train()


FORMULAS = """
[loss]
type = "MSELoss"
layers = [{ name = "scaled", expr = "body * beta + width * exp(-1) * finfo('float32').eps" }]
inputs = { input = "scaled" }
"""


def test_formulas_alone_learn_nothing(tmp_path: Path) -> None:
    text = spec(FORMULAS)
    package = built(text, tmp_path)
    assert "loss_fn" not in package.train()._fields
    assert "load_loss_fn" not in package.__all__


@pytest.mark.parametrize(
    ("inputs", "more", "expected"),
    [
        ('input = "both"', "", ["wrong-target"]),
        ('input = "both"', '[[loss]]\ntype = "L1Loss"', ["wrong-target"]),
        ('input = "both", target = "body"', "", []),
        ('input = "body", target = "both"', "", []),
    ],
)
def test_what_follows_from_the_target_settles_no_target(
    inputs: str, more: str, expected: list[str]
) -> None:
    losses = f"""
[[loss]]
type = "MSELoss"
layers = [{{ name = "both", expr = "(body - target) * beta + width" }}]
inputs = {{ {inputs} }}
{more}
"""
    assert [problem.code for problem in problems_of(spec(losses))] == expected


PACKAGES = {
    "projected": spec(PROJECTED, batch="4"),
    "turns": spec(OFFSET, optimizer=TURNS),
    "formulas": spec(FORMULAS, batch='"all"'),
    "closure": spec(PROJECTED, batch="4", optimizer='[optimizer]\ntype = "LBFGS"'),
    "stepwise": spec(
        PROJECTED.replace("scale = 0.5", 'scale = "min(beta, step / 4)"'),
        batch="4",
        training="steps = 9\ncheckpoint = { every = 3 }\naccumulate = 2",
    ),
}


@pytest.mark.slow
def test_packages_are_formatted_linted_and_typed(tmp_path: Path) -> None:
    for name, text in PACKAGES.items():
        (tmp_path / name).mkdir()
        for path, content in files_of(text)[1].items():
            (tmp_path / name / path).write_text(content)
    tools = (
        ("ruff", "format", "--diff", "--config", str(RUFF), "."),
        ("ruff", "check", "--config", str(RUFF), "."),
        *(("mypy", "--strict", "-p", name) for name in PACKAGES),
    )
    for tool in tools:
        command = [sys.executable, "-m", *tool]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_command_line_keeps_and_asks_them(tmp_path: Path) -> None:
    built(PACKAGES["projected"], tmp_path)

    def run(*arguments: str) -> Any:
        command = [sys.executable, "-m", "small", *arguments]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    assert run("train", "--epochs", "1") == run("evaluate")
