"""Checkpoints of several processes: whatever happens to them, they go on to the same end."""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from processes import ended, share_training, spec_of, tell, together, trained_by
from resumed import left
from test_training import submodule
from training_package import built

TRAINING = """steps = 14
log = { every = 5 }
accumulate = 2
clip_grad_norm = 0.5
ema = { decay = 0.8 }
metrics = ["accuracy"]
checkpoint = { every = 3, best = "validation_accuracy" }
"""
KINDS = ["ddp", "fsdp"]


def package_of(kind: str, folder: Path) -> ModuleType:
    """A package that uses all that has a state: weights, averages, draws of each process."""
    text = spec_of(kind, TRAINING, '[scheduler]\ntype = "StepLR"\nstep_size = 3\nevery = "step"\n')
    text = text.replace('{ name = "output"', '{ type = "Dropout", p = 0.3 }, { name = "output"')
    return built(text.replace('"Par"', f'"Par_{kind}"'), folder)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModuleType]:
    return {kind: package_of(kind, tmp_path_factory.mktemp(kind)) for kind in KINDS}


@pytest.fixture(scope="module")
def wholes(
    packages: dict[str, ModuleType], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[str, str]]:
    """What runs come to that nothing stops."""
    found = {}
    for kind, package in packages.items():
        run = tmp_path_factory.mktemp("whole") / kind
        assert trained_by(2, package, run, quiet=False) == [0, 0]
        found[kind] = left(run)
    return found


def stopped_at(
    step: int, number: int, which: str, package: ModuleType, run: Path, resume: bool
) -> list[int]:
    """Train, and send a signal to one process, or all, at a step; how they end."""

    def work() -> None:
        kind, count = submodule(package, "train").SharedCheckpoints, 0
        reached = kind.reached

        def counted(self: object, at: int) -> None:
            nonlocal count
            count += 1
            if count == step and which in ("all", os.environ["RANK"]):
                os.kill(os.getpid(), number)
            reached(self, at)

        kind.reached = counted
        share_training(package, run, resume=resume)

    return ended(together(work, 2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", ["all", pytest.param("1", marks=pytest.mark.slow)])
def test_processes_that_are_asked_to_leave_leave_together(
    tmp_path: Path,
    packages: dict[str, ModuleType],
    wholes: dict[str, tuple[str, str]],
    kind: str,
    which: str,
) -> None:
    package, run = packages[kind], tmp_path / "run"
    assert stopped_at(4, signal.SIGTERM, which, package, run, resume=False) == [143, 143]
    assert len(list((run / "checkpoints").glob("checkpoint-*"))) == 2
    assert stopped_at(4, signal.SIGINT, which, package, run, resume=True) == [130, 130]
    assert trained_by(2, package, run, resume=True) == [0, 0]
    assert left(run) == wholes[kind]


@pytest.mark.parametrize("kind", [pytest.param("ddp", marks=pytest.mark.slow), "fsdp"])
def test_a_process_that_is_killed_at_a_step_makes_no_difference(
    tmp_path: Path, packages: dict[str, ModuleType], wholes: dict[str, tuple[str, str]], kind: str
) -> None:
    package, run = packages[kind], tmp_path / "run"
    assert stopped_at(4, signal.SIGKILL, "1", package, run, resume=False)[1] == -9
    assert stopped_at(6, signal.SIGKILL, "0", package, run, resume=True)[0] == -9
    assert trained_by(2, package, run, resume=True) == [0, 0]
    assert left(run) == wholes[kind]


def killed_at_random(package: ModuleType, run: Path, chance: random.Random, most: float) -> int:
    """Train until it is done, a process killed at random moments; how often that was."""
    kills = 0
    while True:
        children = together(partial(share_training, package, run, resume=kills > 0), 2)
        time.sleep(chance.uniform(0.1, most))
        tell({chance.choice(children)}, signal.SIGKILL)
        if ended(children) == [0, 0]:
            return kills
        kills += 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_kills_at_random_moments_make_no_difference(
    tmp_path: Path, packages: dict[str, ModuleType], wholes: dict[str, tuple[str, str]], kind: str
) -> None:
    start = time.monotonic()
    assert trained_by(2, packages[kind], tmp_path / "whole") == [0, 0]
    # A machine that is slow, or busy, takes many times as long as another to begin.
    took = time.monotonic() - start
    chance = random.Random(kind)
    kills = number = 0
    while kills < 10:
        run = tmp_path / f"run{number}"
        kills += killed_at_random(packages[kind], run, chance, most=1.2 * took)
        assert left(run) == wholes[kind]
        number += 1
