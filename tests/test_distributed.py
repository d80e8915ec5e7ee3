"""Processes that torchrun starts train as one does: same losses, every row once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from test_training import run, submodule
from torch import Tensor, nn
from training_package import built, problems_of

SPEC = """
[model]
name = "Par"
inputs.features = ["batch", 5]
layers = [
  { name = "stem", type = "Linear", out_features = 8 },
  { name = "blocks", type = "Residual", repeat = 2 },
  { name = "output", type = "Linear", out_features = 1 },
]

[blocks.Residual]
layers = [{ name = "inner", type = "Linear", out_features = 8 }, { expr = "x + tanh(inner)" }]

[data]
type = "make_classification"
n_samples = 53
n_features = 5
n_informative = 3
random_state = 1
split = { train = 0.7, validation = 0.3, seed = 0 }

[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "AdamW"
lr = 0.01

[training]
epochs = 3
batch_size = 6
seed = 5
clip_grad_norm = 0.5
metrics = ["accuracy"]
distributed = "ddp"
"""


def rows_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
@pytest.mark.parametrize("length", ["epochs = 3", "steps = 15\nlog = { every = 5 }"])
def test_two_processes_train_as_one(tmp_path: Path, kind: str, length: str) -> None:
    # 37 rows: of the last batch, which has one, a process gets none.
    spec = SPEC.replace('"ddp"', f'"{kind}"').replace("epochs = 3", length)
    package = built(spec, tmp_path)
    one = run(tmp_path, sys.executable, "-m", "par", "train", "--run", "one")
    assert one.returncode == 0, one.stderr
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    two = run(tmp_path, sys.executable, *torchrun, "-m", "--", "par", "train", "--run", "two")
    assert two.returncode == 0, two.stderr
    assert two.stdout.count('"part"') == 1
    alone, together = rows_of(tmp_path / "one"), rows_of(tmp_path / "two")
    assert len(alone) == len(together) == 3
    for ours, theirs in zip(together, alone, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-4)
    load = submodule(package, "predict").load
    models = [load(tmp_path / name / "weights.pt").state_dict() for name in ("one", "two")]
    for a, b in zip(*(weights.values() for weights in models), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_every_row_is_in_one_share(tmp_path: Path, count: int) -> None:
    distributed = submodule(built(SPEC, tmp_path), "distributed")
    for rows in range(1, 9):
        batch = (torch.arange(rows), torch.arange(rows) * 2)
        seen: list[int] = []
        weight = 0.0
        for rank in range(count):
            shares = distributed.Shares()
            shares.rank, shares.count = rank, count
            ((own, double),) = shares.of([batch])
            assert len(own) == max(shares.rows, 1)
            assert torch.equal(own * 2, double)
            seen += own[: shares.rows].tolist()
            weight += shares.weight / count
        assert sorted(seen) == list(range(rows))
        assert weight == pytest.approx(1)


def test_gradients_of_shares_are_those_of_the_batch(tmp_path: Path) -> None:
    distributed = submodule(built(SPEC, tmp_path), "distributed")
    layer: Any = nn.Linear(3, 1, dtype=torch.float64)
    x = torch.randn(5, 3, dtype=torch.float64)
    y = torch.randn(5, 1, dtype=torch.float64)
    whole = torch.autograd.grad(nn.functional.mse_loss(layer(x), y), layer.weight)[0]
    mean: Tensor = torch.zeros_like(whole)
    for rank in range(2):
        shares = distributed.Shares()
        shares.rank, shares.count = rank, 2
        loss_fn = distributed.SharedLoss(nn.MSELoss(), shares)
        for own_x, own_y in shares.of([(x, y)]):
            loss = loss_fn(layer(own_x), own_y)
            assert loss == nn.functional.mse_loss(layer(own_x), own_y)
            mean = mean + torch.autograd.grad(loss, layer.weight)[0] / 2
    assert torch.allclose(mean, whole)


SCALAR = '{ name = "gain", type = "Parameter", shape = [], init = "ones_" },\n  '
OUTPUT = '{ name = "output"'
GAINED = '{ name = "gained", expr = "blocks * gain" },\n  '
TIED = 'tie = { "blocks.1.inner.weight" = "blocks.0.inner.weight" }\n[blocks.Residual]'
EDITS = [
    ("batch_size = 6", 'batch_size = "all"', "not-supported", "batch_size"),
    ("seed = 5\n", 'seed = 5\ndevice = "cuda:1"\n', "contradicting-keys", "device"),
    ("seed = 5\n", "seed = 5\nlog.to = ['tensorboard']\n", "not-supported", "log.to"),
    ('"ddp"', '"tpu"', "invalid-value", "distributed"),
]


@pytest.mark.parametrize(("old", "new", "code", "key"), EDITS)
def test_what_is_refused(old: str, new: str, code: str, key: str) -> None:
    (found,) = problems_of(SPEC.replace(old, new))
    assert (found.code, key in found.message or key in str(found)) == (code, True)


UNDIVIDED = [
    ("AdamW", "Rprop", "Rprop"),
    (OUTPUT, SCALAR + GAINED + OUTPUT, "gain"),
    ("[blocks.Residual]", TIED, "blocks.1.inner.weight"),
]


@pytest.mark.parametrize(("old", "new", "key"), UNDIVIDED)
def test_what_cannot_be_divided_is_refused_of_fsdp_alone(old: str, new: str, key: str) -> None:
    text = SPEC.replace(old, new, 1)
    assert not problems_of(text)
    (found,) = problems_of(text.replace('"ddp"', '"fsdp"'))
    assert found.code == "not-supported"
    assert key in found.message
