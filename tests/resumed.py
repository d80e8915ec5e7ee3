"""Training that is killed and goes on: what the tests of checkpoints share.

Processes are forked from the one that tests, which has torch imported already.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from plain_loop import LAYERS

# A process that is forked has none of the threads that torch would have begun before.
torch.set_num_threads(1)

TRAINING = """
[training]
epochs = 6
batch_size = 16
seed = 5
"""
CHECKPOINT = "checkpoint = { every = 2 }\n"


def spec_of(optimizer: str = 'type = "Adam"\nlr = 0.02', training: str = "", rest: str = "") -> str:
    """A small training with checkpoints. training: more keys. rest: more sections."""
    split = "split = { train = 0.8, validation = 0.2 }\n"
    layers = LAYERS.replace("[loss]", f"{split}\n[loss]").replace(
        '"ReLU",', '{ type = "BatchNorm1d" }, "ReLU", { type = "Dropout", p = 0.3 },'
    )
    written = TRAINING + ("" if "checkpoint" in training else CHECKPOINT) + training
    keys = {line.partition(" ")[0] for line in training.splitlines()}
    kept = [line for line in written.splitlines() if line.partition(" ")[0] not in keys]
    if "steps" in keys:
        kept = [line for line in kept if not line.startswith("epochs")]
    return "\n".join((layers, "[optimizer]", optimizer, rest, *kept, training))


def in_child(work: Callable[[], object], quiet: bool = True) -> int:
    """How another process ends that does some work: its exit status, or minus a signal."""
    child = begun(work, quiet)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def begun(work: Callable[[], object], quiet: bool = True) -> int:
    """The number of another process that does some work."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        if quiet:
            sys.stderr = io.StringIO()
        # What runs in the background of a shell ignores it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        work()
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    os._exit(status)


def trained(package: ModuleType, run: Path, resume: bool = False, **options: Any) -> None:
    """Train, and write down what a run comes to."""
    found = package.train(run=run, resume=resume, **options)
    digest = hashlib.sha256()
    for tensor in found.model.state_dict().values():
        digest.update(tensor.numpy().tobytes())
    result = {"history": found.history, "weights": digest.hexdigest()}
    (run / "result.json").write_text(json.dumps(result))


def left(run: Path) -> tuple[str, str]:
    """What a run that has ended comes to: rows and weights; the log, and the best weights."""
    best = run / "best.pt"
    kept = hashlib.sha256(best.read_bytes()).hexdigest() if best.exists() else ""
    return (run / "result.json").read_text(), (run / "log.jsonl").read_text() + kept


def uninterrupted(package: ModuleType, run: Path, **options: Any) -> tuple[str, str]:
    assert in_child(lambda: trained(package, run, **options)) == 0
    return left(run)


def killed_at_random(
    package: ModuleType, run: Path, chance: random.Random, most: float, **options: Any
) -> int:
    """Train until it is done, killed at random moments; how often it was killed."""
    kills = 0
    while True:
        child = begun(partial(trained, package, run, kills > 0, **options))
        time.sleep(chance.uniform(0.0, most))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended == 0:
            return kills
        assert ended == -signal.SIGKILL
        kills += 1


class Calls:
    """Counts what a process asks of its system, and does something at one of these calls."""

    def __init__(self, at: int, then: Callable[[], object], only: Path) -> None:
        self.at = at
        self.then = then
        self.only = str(only)
        self.count = 0

    def tick(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.then()

    def watch(self) -> None:
        """From here on. There is no way back: for processes that end."""
        fsync, opened = os.fsync, io.open
        events = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "open"}

        def audit(event: str, given: tuple[Any, ...]) -> None:
            if event in events and any(str(one).startswith(self.only) for one in given[:2]):
                self.tick()

        def synced(number: int) -> None:
            self.tick()
            fsync(number)
            self.tick()

        def open_file(path: Any, mode: str = "r", *args: Any, **keywords: Any) -> Any:
            file = opened(path, mode, *args, **keywords)
            if isinstance(path, Path) and "b" in mode and "w" in mode:
                return _Halves(file, self.tick)
            return file

        sys.addaudithook(audit)
        os.fsync = synced  # type: ignore[assignment]
        io.open = open_file  # type: ignore[assignment]


class _Halves:
    """A file that is written in two halves, with a call before, between and after."""

    def __init__(self, file: Any, tick: Callable[[], None]) -> None:
        self.file = file
        self.tick = tick

    def write(self, content: bytes) -> None:
        middle = len(content) // 2
        for part in (content[:middle], content[middle:]):
            self.tick()
            self.file.write(part)
            self.file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> _Halves:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
