"""Every scheduler through the whole pipeline: the plain loop, to the last bit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_loop import (
    EPOCHS,
    LAYERS,
    ROWS,
    SEED,
    TRAINING,
    assert_same,
    plain_batches,
    plain_losses,
    plain_model,
    plain_rows,
    stepping,
)
from torch import nn
from torch.optim import lr_scheduler
from training_package import built, files_of, problems_of

from specc.spec.registry import families

STEPS = 9  # 3 epochs of 3 batches
EPOCHWISE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "StepLR": ("step_size = 2\ngamma = 0.5", lambda o: lr_scheduler.StepLR(o, 2, 0.5)),
    "MultiStepLR": (
        "milestones = [1, 3, 3]",
        lambda o: lr_scheduler.MultiStepLR(o, [1, 3, 3]),
    ),
    "ExponentialLR": ("gamma = 0.9", lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    "PolynomialLR": (
        'total_iters = "epochs - 1"\npower = 2.0',
        lambda o: lr_scheduler.PolynomialLR(o, EPOCHS - 1, 2.0),
    ),
    "CosineAnnealingLR": (
        'T_max = "epochs"\neta_min = 1e-3',
        lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS, 1e-3),
    ),
    "CosineAnnealingWarmRestarts": (
        "T_0 = 2",
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 2),
    ),
    "ConstantLR": ("factor = 0.25\ntotal_iters = 2", lambda o: lr_scheduler.ConstantLR(o, 0.25, 2)),
    "LinearLR": (
        'start_factor = 0.1\ntotal_iters = "2 * epochs // 3"',
        lambda o: lr_scheduler.LinearLR(o, 0.1, total_iters=2),
    ),
    "LambdaLR": (
        'lr_lambda = "0.95 ** epoch if epoch < epochs - 1 else 0.1"',
        lambda o: lr_scheduler.LambdaLR(o, lambda e: 0.95**e if e < EPOCHS - 1 else 0.1),
    ),
    "MultiplicativeLR": (
        'lr_lambda = ["sqrt(1 / (epoch + 1))", "min(1, 2 / (epoch + 2))"]',
        lambda o: lr_scheduler.MultiplicativeLR(
            o, [lambda e: (1 / (e + 1)) ** 0.5, lambda e: min(1, 2 / (e + 2))]
        ),
    ),
}
STEPWISE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "OneCycleLR": (
        "max_lr = [0.1, 0.2]\npct_start = 0.4",
        lambda o: lr_scheduler.OneCycleLR(o, [0.1, 0.2], STEPS, pct_start=0.4),
    ),
    "CyclicLR": (
        'base_lr = 0.01\nmax_lr = 0.1\nstep_size_up = "steps_per_epoch"\nscale_fn = "0.5 ** x"',
        lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3, scale_fn=lambda x: 0.5**x),
    ),
    "StepLR": ('step_size = 4\nevery = "step"', lambda o: lr_scheduler.StepLR(o, 4)),
}
SGD = """
[optimizer]
type = "SGD"
lr = 0.1
momentum = 0.9
param_groups = [{ match = "*.bias", lr = 0.05 }]
"""


def test_every_scheduler_is_trained_with() -> None:
    assert {*EPOCHWISE, *STEPWISE, "ReduceLROnPlateau"} == set(families("schedulers"))


def plain_sgd(model: nn.Module) -> torch.optim.SGD:
    biases = [p for name, p in model.named_parameters() if name.endswith(".bias")]
    others = [p for name, p in model.named_parameters() if not name.endswith(".bias")]
    groups: list[dict[str, Any]] = [{"params": biases, "lr": 0.05}, {"params": others}]
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9)


def assert_scheduled_as(
    tmp_path: Path, tables: str, make: Callable[[Any], Any], every: str
) -> None:
    """That a package trains as the plain loop with torch's scheduler does."""
    package = built(LAYERS + SGD + tables + TRAINING, tmp_path)
    model = plain_model()
    optimizer = plain_sgd(model)
    scheduler = make(optimizer)
    after = {"after_batch" if every == "step" else "after_epoch": scheduler.step}
    step = stepping(model, optimizer)
    losses = plain_losses(model, plain_rows(), nn.BCEWithLogitsLoss(), step, **after)
    assert_same(package, model, losses)


@pytest.mark.parametrize("name", EPOCHWISE)
def test_a_scheduler_by_the_epoch(tmp_path: Path, name: str) -> None:
    arguments, make = EPOCHWISE[name]
    table = f'[scheduler]\ntype = "{name}"\n{arguments}\n'
    assert_scheduled_as(tmp_path, table, make, "epoch")


@pytest.mark.parametrize("name", STEPWISE)
def test_a_scheduler_by_the_step(tmp_path: Path, name: str) -> None:
    arguments, make = STEPWISE[name]
    table = f'[scheduler]\ntype = "{name}"\n{arguments}\n'
    assert_scheduled_as(tmp_path, table, make, "step")


def test_schedulers_one_after_the_other(tmp_path: Path) -> None:
    tables = """
        [[scheduler]]
        type = "LinearLR"
        start_factor = 0.01
        total_iters = 2
        every = "step"
        until = 2
        [[scheduler]]
        type = "CosineAnnealingLR"
        T_max = "steps - 4"
        every = "step"
        until = "steps - 2"
        [[scheduler]]
        type = "OneCycleLR"
        max_lr = 0.5
    """

    def make(optimizer: Any) -> Any:
        parts = [
            lr_scheduler.LinearLR(optimizer, 0.01, total_iters=2),
            lr_scheduler.CosineAnnealingLR(optimizer, STEPS - 4),
            lr_scheduler.OneCycleLR(optimizer, 0.5, 2),
        ]
        return lr_scheduler.SequentialLR(optimizer, parts, [2, STEPS - 2])

    assert_scheduled_as(tmp_path, tables, make, "step")


def test_schedulers_together(tmp_path: Path) -> None:
    tables = """
        [[scheduler]]
        type = "ConstantLR"
        [[scheduler]]
        type = "LambdaLR"
        lr_lambda = "1 / (1 + epoch)"
    """

    def make(optimizer: Any) -> Any:
        constant = lr_scheduler.ConstantLR(optimizer)
        falling = lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
        return lr_scheduler.ChainedScheduler([constant, falling])

    assert_scheduled_as(tmp_path, tables, make, "epoch")


def test_a_plateau_of_the_training_loss(tmp_path: Path) -> None:
    table = """
        [scheduler]
        type = "ReduceLROnPlateau"
        monitor = "train_loss"
        patience = 0
        threshold = 0.9
    """
    package = built(LAYERS + SGD + table + TRAINING, tmp_path)
    model = plain_model()
    optimizer = plain_sgd(model)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=0.9)
    losses: list[float] = []
    generator = torch.Generator().manual_seed(SEED)
    rows, loss_fn = plain_rows(), nn.BCEWithLogitsLoss()
    step = stepping(model, optimizer)
    for _ in range(EPOCHS):
        total = 0.0
        for x, y in plain_batches(*rows, generator):
            loss = step(lambda x=x, y=y: loss_fn(model(x), y))  # type: ignore[misc]
            total += loss.item() * len(y)
        losses.append(total / ROWS)
        scheduler.step(losses[-1])
    assert optimizer.param_groups[1]["lr"] == pytest.approx(1e-3)  # it fell twice
    assert_same(package, model, losses)


def test_a_plateau_of_a_metric(tmp_path: Path) -> None:
    table = """
        [scheduler]
        type = "ReduceLROnPlateau"
        monitor = "validation_accuracy"
        mode = "max"
    """
    split = "random_state = 101\nsplit = { train = 0.6, validation = 0.4 }"
    text = (LAYERS + SGD + table + TRAINING).replace("random_state = 101", split)
    text += 'metrics = ["accuracy"]\n'
    assert len(built(text, tmp_path).train().history) == EPOCHS
    assert 'scheduler.step(validation["accuracy"])' in files_of(text)[1]["train.py"]


def test_each_of_several_optimizers_has_its_scheduler(tmp_path: Path) -> None:
    tables = """
        [[optimizer]]
        type = "Muon"
        match = "Linear.weight"
        lr = 0.02
        [[optimizer]]
        type = "SGD"
        lr = 0.1
        [scheduler]
        type = "LinearLR"
        start_factor = 0.1
        total_iters = "steps"
        every = "step"
    """
    package = built(LAYERS + tables + TRAINING, tmp_path)
    model: Any = plain_model()
    matrices = [model[0].weight, model[3].weight]
    others = [p for p in model.parameters() if all(p is not matrix for matrix in matrices)]
    both = [torch.optim.Muon(matrices, lr=0.02), torch.optim.SGD(others, lr=0.1)]
    schedulers = [lr_scheduler.LinearLR(one, 0.1, total_iters=STEPS) for one in both]

    def after_batch() -> None:
        for scheduler in schedulers:
            scheduler.step()

    step = stepping(model, *both)
    losses = plain_losses(model, plain_rows(), nn.BCEWithLogitsLoss(), step, after_batch)
    assert_same(package, model, losses)


_PARTS = st.sampled_from(
    [
        'type = "StepLR"\nstep_size = 2',
        'type = "MultiStepLR"\nmilestones = [0, 1, 4]',
        'type = "ConstantLR"\ntotal_iters = 2',
        'type = "LinearLR"\ntotal_iters = 0',
        'type = "LinearLR"\ntotal_iters = 3\nend_factor = 0.0',
        'type = "ExponentialLR"\ngamma = 0.5',
        'type = "PolynomialLR"\ntotal_iters = 0',
        'type = "PolynomialLR"\ntotal_iters = 3',
        'type = "CosineAnnealingLR"\nT_max = 1',
        'type = "CosineAnnealingWarmRestarts"\nT_0 = 1\nT_mult = 2',
        'type = "LambdaLR"\nlr_lambda = "1 / (1 + step)"',
        'type = "MultiplicativeLR"\nlr_lambda = "1 / (1 + step)"',
        'type = "CyclicLR"\nbase_lr = 0.1\nmax_lr = 0.2\nstep_size_up = 2',
        'type = "OneCycleLR"\nmax_lr = 0.2',
        'type = "OneCycleLR"\nmax_lr = 0.2\ntotal_steps = 3',
        'type = "OneCycleLR"\nmax_lr = 0.2\npct_start = 0.5\nthree_phase = true',
    ]
)


@settings(max_examples=80)
@given(
    parts=st.lists(_PARTS, min_size=2, max_size=3),
    lengths=st.none() | st.lists(st.integers(1, 5), min_size=2, max_size=2),
)
def test_what_is_accepted_of_several_runs(parts: list[str], lengths: list[int] | None) -> None:
    tables = ""
    ends = [lengths[0], sum(lengths)] if lengths else []
    for index, part in enumerate(parts):
        until = f"until = {ends[index]}\n" if lengths and index < len(parts) - 1 else ""
        tables += f'[[scheduler]]\n{part}\nevery = "step"\n{until}'
    text = LAYERS + SGD + tables + TRAINING
    if problems_of(text):
        return
    namespace: dict[str, Any] = {"math": math, **vars(lr_scheduler)}
    namespace["SGD"] = torch.optim.SGD
    source = files_of(text)[1]["train.py"]
    begin = source.index("def build_scheduler")
    exec(source[begin : source.index("\n\n\n", begin)], namespace)
    parameters = [{"params": [nn.Parameter(torch.ones(1))]} for _ in range(2)]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    build: Any = namespace["build_scheduler"]
    given = {"steps": STEPS} if "steps: int" in source[begin : begin + 200] else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scheduler = build(optimizer, **given)
        for _ in range(STEPS):
            optimizer.step()
            scheduler.step()
