"""Processes that train together, as torchrun starts them: forked from the one that tests."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

# What the first step of a process would import: once, before processes are forked.
import torch._dynamo
import torch.distributed.checkpoint.state_dict  # noqa: F401
from plain_training import open_flags
from resumed import begun
from torch.distributed.fsdp import fully_shard  # noqa: F401

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
"""
TRAINING = """
[training]
epochs = 3
batch_size = 6
seed = 5
"""


def spec_of(kind: str, training: str = "", rest: str = "") -> str:
    """A small training by several processes. training: more keys, or others. rest: sections."""
    given = training.splitlines()
    keys = {line.partition(" ")[0] for line in given}
    keys |= {"epochs"} if "steps" in keys else set()
    kept = [line for line in TRAINING.splitlines() if line.partition(" ")[0] not in keys]
    return "\n".join((SPEC, rest, *kept, *given, f'distributed = "{kind}"', ""))


def together(work: Callable[[], object], count: int, quiet: bool = True) -> list[int]:
    """The numbers of processes that do some work, each with its rank."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def ranked(rank: int) -> None:
        os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count)}
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        with open_flags():
            work()

    return [begun(partial(ranked, rank), quiet) for rank in range(count)]


def ended(children: list[int], patience: float = 60.0) -> list[int]:
    """How processes end. Others are asked to leave when one has failed, and then are killed."""
    statuses: dict[int, int] = {}
    failed_at = time.monotonic() + patience
    asked = False
    while len(statuses) < len(children):
        for child in set(children) - set(statuses):
            number, status = os.waitpid(child, os.WNOHANG)
            if number:
                statuses[child] = os.waitstatus_to_exitcode(status)
        if any(statuses.values()):
            failed_at = min(failed_at, time.monotonic())
        since = time.monotonic() - failed_at
        if since > 2 and not asked:
            asked = True
            tell(set(children) - set(statuses), signal.SIGTERM)
        if since > 4:
            tell(set(children) - set(statuses), signal.SIGKILL)
        time.sleep(0.005)
    return [statuses[child] for child in children]


def tell(children: set[int], number: int) -> None:
    for child in children:
        os.kill(child, number)


def share_training(package: ModuleType, run: Path, **options: Any) -> None:
    """Train; the first process writes down what it comes to."""
    found = package.train(run=run, **options)
    if os.environ["RANK"] == "0":
        digest = hashlib.sha256()
        for tensor in found.model.state_dict().values():
            digest.update(tensor.numpy().tobytes())
        result = {"history": found.history, "weights": digest.hexdigest()}
        (run / "result.json").write_text(json.dumps(result))


def trained_by(
    count: int, package: ModuleType, run: Path, *, quiet: bool = True, **options: Any
) -> list[int]:
    """Train by so many processes; how they end."""
    return ended(together(partial(share_training, package, run, **options), count, quiet))


def rows_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
