"""What a spec asks for of training, by several processes: the losses of one process."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import torch
from processes import rows_of, spec_of, trained_by
from training_package import built

SCHEDULER = '[scheduler]\ntype = "StepLR"\nstep_size = 2\ngamma = 0.5\nevery = "step"\n'
ALL = """steps = 15
log = { every = 4 }
accumulate = 3
clip_grad_norm = 0.5
clip_grad_value = 0.05
ema = { decay = 0.8 }
on_nan = "skip"
time_limit = "1h"
deterministic = true
metrics = ["accuracy"]
checkpoint = { every = 5, best = "validation_accuracy" }
"""
VARIANTS = {
    "accumulate": ("accumulate = 4\n", ""),
    "all": (ALL, SCHEDULER),
    "swa": ("swa = { start = 2, swa_lr = 0.02 }\n", ""),
    "stopping": (
        'epochs = 9\nearly_stopping = { monitor = "validation_loss", patience = 1 }\n'
        'checkpoint = { every = 2 }\non_nan = "raise"\n',
        "",
    ),
    "scaled": ('precision = "fp16-mixed"\nclip_grad_norm = 0.5\n', ""),
    "bf16": ('precision = "bf16-mixed"\naccumulate = 2\n', ""),
    "compiled": ("compile = true\naccumulate = 2\nema = { decay = 0.8 }\n", ""),
}
TOLERANCES = {"bf16": 0.03, "scaled": 0.1}
"""Where a step is left out until the scale is found, it is not the same one in each."""


def quick(name: str) -> Any:
    """What shares nearly everything is tried always, the rest among the slow ones."""
    return name if name == "all" else pytest.param(name, marks=pytest.mark.slow)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
@pytest.mark.parametrize("name", [quick(name) for name in VARIANTS])
def test_two_processes_train_as_one(
    tmp_path: Path, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "compiled":
        monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    package = built(spec_of(kind, *VARIANTS[name]), tmp_path)
    assert trained_by(1, package, tmp_path / "one") == [0]
    assert trained_by(2, package, tmp_path / "two") == [0, 0]
    alone, shared = rows_of(tmp_path / "one"), rows_of(tmp_path / "two")
    tolerance = TOLERANCES.get(name, 1e-4)
    assert len(shared) == len(alone) >= 3
    for ours, theirs in zip(shared, alone, strict=True):
        assert ours == pytest.approx(theirs, rel=tolerance)
