"""A small model learns from a large one: `start` and `freeze` together, as by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from plain_loop import plain_rows
from torch import nn
from training_package import built

LAYERS = """layers = [
  { type = "Linear", out_features = 16 },
  { type = "BatchNorm1d" },
  "ReLU",
  { type = "Dropout", p = 0.2 },
  { name = "logit", type = "Linear", out_features = 1 },
]
"""
DATA = """
[data]
type = "make_classification"
n_samples = 50
n_features = 5
n_informative = 3
random_state = 101
"""
TEACHER = f"""
[model]
name = "Teacher"
inputs.features = ["batch", 5]
{LAYERS}
{DATA}
[loss]
type = "BCEWithLogitsLoss"

[optimizer]
type = "Adam"

[training]
epochs = 2
batch_size = 20
seed = 1
"""
STUDENT = f"""
[blocks.Large]
{LAYERS}
[model]
name = "Student"
inputs.features = ["batch", 5]
layers = [
  {{ name = "teacher", type = "Large", inputs = "features" }},
  {{ name = "student", type = "Linear", out_features = 1, inputs = "features" }},
]
outputs = ["student", "teacher"]
{DATA}
[[loss]]
name = "hard"
type = "BCEWithLogitsLoss"
inputs = {{ input = "student", target = "target" }}

[[loss]]
name = "soft"
type = "MSELoss"
scale = 0.5
inputs = {{ input = "student", target = "teacher" }}

[optimizer]
type = "AdamW"
lr = 0.1

[training]
epochs = 2
batch_size = 20
seed = 5
start = [{{ path = "teacher.pt", match = "teacher.*", rename = {{ "*" = "teacher.*" }} }}]
freeze = [{{ match = "teacher.*", eval = true }}]
"""


class Student(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.teacher = nn.Sequential(
            nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1)
        )
        self.student = nn.Linear(5, 1)


def test_distillation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    teacher = built(TEACHER, tmp_path)
    trained = teacher.train().model
    teacher.save(trained, "teacher.pt")
    ours = built(STUDENT, tmp_path).train().model.state_dict()

    torch.manual_seed(5)
    model = Student()
    for own, kept in zip(
        model.teacher.state_dict().values(), trained.state_dict().values(), strict=True
    ):
        own.copy_(kept)
    model.teacher.eval()
    optimizer = torch.optim.AdamW(model.student.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(5)
    x, y = plain_rows()
    for _ in range(2):
        for rows in torch.split(torch.randperm(len(x), generator=generator), 20):
            optimizer.zero_grad()
            logit = model.student(x[rows])
            hard = nn.functional.binary_cross_entropy_with_logits(logit, y[rows])
            soft = nn.functional.mse_loss(logit, model.teacher(x[rows]).detach())
            (hard + 0.5 * soft).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    for a, b in zip(ours.values(), model.state_dict().values(), strict=True):
        assert torch.equal(a, b)
