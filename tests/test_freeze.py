"""`freeze`: what is frozen stays as it is, and the rest learns as in a loop written by hand."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
import torch
from plain_loop import plain_rows
from resumed import in_child, left, trained, uninterrupted
from test_step_keys import RUFF, TOOLS
from torch import Tensor, nn
from training_package import built, files_of, problems_of

SPEC = """
[model]
name = "Net"
inputs.features = ["batch", 5]
layers = [
  { name = "body", layers = [
    { type = "Linear", out_features = 8 },
    { type = "BatchNorm1d" },
    "ReLU",
    { type = "Dropout", p = 0.5 },
  ] },
  { name = "mid", type = "Linear", out_features = 4 },
  { name = "norm", type = "BatchNorm1d" },
  { name = "output", type = "Linear", out_features = 1 },
]

[data]
type = "make_classification"
n_samples = 50
n_features = 5
n_informative = 3
random_state = 101

[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "AdamW"
lr = 0.05
weight_decay = 0.1

[training]
batch_size = 20
seed = 5
"""
FREEZE = """
freeze = [
  { match = "body.*", eval = true, until = UNTIL },
  { match = ["norm.bias", "mid.weight"] },
]
"""
LENGTHS = {
    "epochs": ("epochs = 4\n", 2),
    "steps": ("steps = 12\nlog = { every = 4 }\n", 6),
}


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = (nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
        self.body = nn.Sequential(*layers)
        self.mid = nn.Linear(8, 4)
        self.norm = nn.BatchNorm1d(4)
        self.output = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.output(self.norm(self.mid(self.body(x))))
        return found


def by_hand(steps: int, until: int) -> Net:
    """The same training: three batches an epoch, the body frozen for the first steps."""
    torch.manual_seed(5)
    model = Net()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.05, weight_decay=0.1)
    generator = torch.Generator().manual_seed(5)
    x, y = plain_rows()
    made = 0
    while made < steps:
        order = torch.randperm(len(x), generator=generator)
        for rows in torch.split(order, 20):
            model.train()
            is_frozen = made < until
            if is_frozen:
                model.body.eval()
            model.body.requires_grad_(not is_frozen)
            model.norm.bias.requires_grad_(False)
            model.mid.weight.requires_grad_(False)
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(x[rows]), y[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            made += 1
    return model.eval()


@pytest.mark.parametrize("unit", LENGTHS)
def test_it_trains_as_a_loop_by_hand(tmp_path: Path, unit: str) -> None:
    length, until = LENGTHS[unit]
    package = built(f"{SPEC}{length}{FREEZE.replace('UNTIL', str(until))}", tmp_path)
    model = by_hand(12, 6)
    ours = package.train().model.state_dict()
    assert list(ours) == list(model.state_dict())
    for name, tensor in model.state_dict().items():
        assert torch.equal(ours[name], tensor), name


@pytest.mark.parametrize("unit", LENGTHS)
def test_what_is_frozen_stays_to_the_bit(tmp_path: Path, unit: str) -> None:
    """Decay leaves it alone, and eval mode the statistics of batch norm, too."""
    freeze = 'freeze = [{ match = "body.*", eval = true }, { match = "mid.bias" }]\n'
    package = built(f"{SPEC}{LENGTHS[unit][0]}{freeze}", tmp_path)
    torch.manual_seed(5)
    before = package.Net().state_dict()
    after = package.train().model.state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {name for name in before if name.startswith("body.")} | {"mid.bias"}


def test_types_choose_modules_of_which_each_is_in_eval_mode(tmp_path: Path) -> None:
    freeze = 'freeze = [{ match = "BatchNorm1d.*", eval = true }]\n'
    package = built(f"{SPEC}epochs = 2\n{freeze}", tmp_path)
    torch.manual_seed(5)
    before = package.Net().state_dict()
    after = package.train().model.state_dict()
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert same == {n for n in before if n.startswith(("body.1.", "norm."))}


def test_what_several_entries_match_is_frozen_as_long_as_any_says(tmp_path: Path) -> None:
    freeze = (
        'freeze = [{ match = "body.*", until = 2 }, { match = "*.bias", until = 1 },'
        ' { match = "BatchNorm1d.*", eval = true }]\n'
    )
    package = built(f"{SPEC}epochs = 4\n{freeze}", tmp_path)
    torch.manual_seed(5)
    model = package.Net()
    learning = {}
    for epoch in range(1, 5):
        model.train()
        package.train.__globals__["freeze"](model, epoch)
        learning[epoch] = {n for n, one in model.named_parameters() if one.requires_grad}
        is_in_eval = {name for name, module in model.named_modules() if not module.training}
        assert is_in_eval == {"body.1", "norm"}
    assert learning[1] == {"mid.weight", "output.weight"}
    assert learning[2] == learning[1] | {"mid.bias", "output.bias"}
    assert learning[3] == learning[4] == learning[2] | {"body.0.weight", "body.0.bias"}


@pytest.mark.parametrize("unit", LENGTHS)
def test_a_run_that_is_stopped_goes_on_to_the_same_end(tmp_path: Path, unit: str) -> None:
    length, until = LENGTHS[unit]
    text = f"{SPEC}{length}{FREEZE.replace('UNTIL', str(until))}checkpoint = {{ every = 5 }}\n"
    package = built(text, tmp_path)
    whole = uninterrupted(package, tmp_path / "whole")

    def stopped(run: Path, step: int) -> None:
        kind = package.train.__globals__["Checkpoints"]
        leave, count = kind._leave_if_asked, 0

        def counted(self: object) -> None:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGTERM)
            leave(self)

        kind._leave_if_asked = counted
        trained(package, run)

    for step in range(3, 10):
        run = tmp_path / f"run{step}"
        assert in_child(lambda run=run, step=step: stopped(run, step)) == 143  # type: ignore[misc]
        assert in_child(lambda run=run: trained(package, run, True)) == 0  # type: ignore[misc]
        assert left(run) == whole


def test_a_run_does_not_go_on_with_other_parameters_frozen(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    keys = "epochs = 4\ncheckpoint = { every = 1 }\nfreeze = "
    package = built(f'{SPEC}{keys}[{{ match = "body.*" }}]\n', tmp_path)
    package.train(run=tmp_path / "run", epochs=2)
    other = built(f'{SPEC}{keys}[{{ match = "mid.*", until = 3 }}]\n', tmp_path / "other")
    said = r"freeze is \{'body.\*': 'for ever'\} there and \{'mid.\*': 'until 3'\} here"
    with pytest.raises(ValueError, match=said):
        other.train(run=tmp_path / "run", resume=True)


def test_without_end_or_mode_it_is_done_once(tmp_path: Path) -> None:
    _, files = files_of(f'{SPEC}epochs = 4\nfreeze = [{{ match = "body.*" }}]\n')
    assert files["train.py"].count("freeze(model)") == 1
    loop = files["train.py"].split("def train_one_epoch")[1].split("def train(")[0]
    assert "freeze" not in loop


@pytest.mark.parametrize(
    ("freeze", "code"),
    [
        ('{ match = "*" }', "nothing-to-train"),
        ('{ match = "*", until = 2 }', "nothing-to-train"),
        ('{ match = "*.bias", eval = true }', "no-match"),
        ('{ match = "bodies.*" }', "no-match"),
        ('{ match = "body.*", until = 4 }', "invalid-value"),
    ],
)
def test_what_makes_no_sense_is_refused(freeze: str, code: str) -> None:
    found = problems_of(f"{SPEC}epochs = 4\nfreeze = [{freeze}]\n")
    assert [problem.code for problem in found] == [code]


@pytest.mark.slow
@pytest.mark.parametrize("unit", LENGTHS)
def test_packages_are_formatted_linted_and_typed(tmp_path: Path, unit: str) -> None:
    start = 'start = [{ path = "old.pt", match = "body.*", rename = { "a.*" = "body.*" } }]\n'
    freeze = (
        'freeze = [{ match = "body.*", eval = true, until = 1 },'
        ' { match = ["Linear.bias", "[mn]*.bias"], until = 2 }]\ncheckpoint = { every = 1 }\n'
    )
    _, files = files_of(SPEC + LENGTHS[unit][0] + start + freeze)
    (tmp_path / "net").mkdir()
    for path, content in files.items():
        (tmp_path / "net" / path).write_text(content)
    ruff, mypy = str(TOOLS / "ruff"), str(TOOLS / "mypy")
    for command in (
        (ruff, "format", "--diff", "--config", str(RUFF), "net"),
        (ruff, "check", "--config", str(RUFF), "net"),
        (mypy, "--strict", "--no-error-summary", "-p", "net"),
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
