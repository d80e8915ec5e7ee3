"""Checkpoints: whatever happens to a run, it goes on to the same end, to the last bit."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from resumed import (
    Calls,
    in_child,
    killed,
    killed_at_random,
    left,
    spec_of,
    trained,
    uninterrupted,
)
from safetensors.torch import load_file
from test_images import pictures
from test_turns import GAN
from training_package import built
from training_specs import DRAWN, PICTURES

TWO = """
[[optimizer]]
type = "SGD"
lr = 0.1
momentum = 0.9
match = "hidden.*"

[[optimizer]]
type = "NAdam"
"""
VARIANTS = {
    "plain": spec_of(),
    "steps": spec_of(training="steps = 20\ncheckpoint = { every = 3 }\nlog = { every = 7 }\n"),
    "full_batch": spec_of(training='batch_size = "all"\n'),
    "stopping": spec_of(
        training='early_stopping = { monitor = "train_loss", patience = 1 }\nepochs = 30\n'
        'metrics = ["accuracy"]\ncheckpoint = { every = 1, best = "validation_accuracy" }\n'
    ),
    "lbfgs": spec_of('type = "LBFGS"\nmax_iter = 3\nhistory_size = 4'),
    "two": spec_of().replace('[optimizer]\ntype = "Adam"\nlr = 0.02', TWO),
    "double": spec_of('type = "NAdam"').replace("[model]", '[model]\ndtype = "float64"'),
    "plateau": spec_of(
        rest='[scheduler]\ntype = "ReduceLROnPlateau"\npatience = 0\nmonitor = "train_loss"\n'
    ),
    "one_cycle": spec_of(rest='[scheduler]\ntype = "OneCycleLR"\nmax_lr = 0.1\n'),
    "several": spec_of(
        rest='[[scheduler]]\ntype = "LinearLR"\ntotal_iters = 2\nuntil = 2\n'
        '[[scheduler]]\ntype = "MultiStepLR"\nmilestones = [1, 3]\n'
    ),
    "averaged": spec_of(training='ema = { decay = 0.8 }\naccumulate = 2\non_nan = "skip"\n'),
    "scaled": spec_of(training='precision = "fp16-mixed"\nclip_grad_norm = 0.5\n'),
    "swa": spec_of(
        training="swa = { start = 6, swa_lr = 0.01 }\nsteps = 16\nlog = { every = 3 }\n"
        'checkpoint = { every = 4 }\nprecision = "bf16-mixed"\n'
    ),
    "drawn": DRAWN.replace('"Drawn"', '"Net"').replace(
        '{ name = "output"', '{ type = "Dropout", p = 0.3 }, { name = "output"'
    )
    + "checkpoint = { every = 1 }\n",
    "turns": GAN.replace('"Gan"', '"Net"') + "checkpoint = { every = 1 }\n",
    "pictures": spec_of(training='plots = ["probabilities"]\n'),
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModuleType]:
    """A package of each kind, with all that it needs imported once."""
    found = {}
    for name, text in VARIANTS.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = built(text.replace('"Net"', f'"Net_{name}"'), folder)
        found[name].train(run=folder / "run")
    return found


@pytest.mark.parametrize("name", VARIANTS)
def test_a_run_that_is_asked_to_leave_at_any_step_goes_on_to_the_same_end(
    tmp_path: Path, packages: dict[str, ModuleType], name: str
) -> None:
    package = packages[name]
    whole = uninterrupted(package, tmp_path / "whole")

    def stopped_after(step: int, resume: bool) -> int:
        def work() -> None:
            kind = package.train.__globals__["Checkpoints"]
            pause, count = kind._leave_if_asked, 0

            def counted(self: object) -> None:
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGTERM)
                pause(self)

            kind._leave_if_asked = counted
            trained(package, run, resume)

        return in_child(work)

    run = tmp_path / "run"
    resume, stops, steps = False, 0, random.Random(name)
    while stopped_after(steps.randint(1, 5), resume) == 143:
        resume = True
        stops += 1
    assert stops > 0
    assert left(run) == whole


def test_a_run_that_is_killed_goes_on_to_the_same_end(
    tmp_path: Path, packages: dict[str, ModuleType]
) -> None:
    assert kill_runs(packages, tmp_path, ["steps", "stopping"], 6) >= 6


@pytest.mark.slow
def test_200_kills_make_no_difference(tmp_path: Path, packages: dict[str, ModuleType]) -> None:
    assert kill_runs(packages, tmp_path, list(VARIANTS), 200) >= 200


def kill_runs(packages: dict[str, ModuleType], folder: Path, names: list[str], least: int) -> int:
    """Kill runs until there were enough; how often it was."""
    whole, took = {}, {}
    for name in names:
        start = time.monotonic()
        whole[name] = uninterrupted(packages[name], folder / name)
        took[name] = time.monotonic() - start
    chance = random.Random(0)
    kills = number = 0
    while kills < least:
        name = names[number % len(names)]
        run = folder / f"run{number}"
        kills += killed_at_random(packages[name], run, chance, most=1.2 * took[name])
        assert left(run) == whole[name], (name, number)
        number += 1
        shutil.rmtree(run)
    return kills


def killed_at_calls(package: ModuleType, folder: Path, at: range) -> int:
    """Kill runs at calls of the system by their numbers; how often it came to that."""
    whole = uninterrupted(package, folder / "whole")
    kills = 0
    for number in at:
        run = folder / f"run{number}"

        def work(run: Path = run, number: int = number) -> None:
            Calls(number, killed, run).watch()
            trained(package, run)

        ended = in_child(work)
        kills += ended == -signal.SIGKILL
        if ended != 0:
            assert in_child(lambda run=run: trained(package, run, resume=True)) == 0  # type: ignore[misc]
        assert left(run) == whole, number
        shutil.rmtree(run)
        if ended == 0:
            break
    return kills


def test_a_kill_at_a_call_of_the_system_makes_no_difference(
    tmp_path: Path, packages: dict[str, ModuleType]
) -> None:
    assert killed_at_calls(packages["stopping"], tmp_path, range(3, 10_000, 83)) > 3


@pytest.mark.slow
def test_a_kill_at_every_call_of_the_system_in_a_save_makes_no_difference(
    tmp_path: Path, packages: dict[str, ModuleType]
) -> None:
    # The third save, the first that removes an older one, with what is around it.
    assert killed_at_calls(packages["steps"], tmp_path, range(80, 133)) == 53


def test_a_full_disk_loses_nothing(tmp_path: Path, packages: dict[str, ModuleType]) -> None:
    whole = uninterrupted(packages["plain"], tmp_path / "whole")

    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for number in range(60, 130, 23):
        run = tmp_path / f"run{number}"

        def work(run: Path = run, number: int = number) -> None:
            Calls(number, full, run).watch()
            try:
                trained(packages["plain"], run)
            except (OSError, ValueError) as error:
                raise SystemExit(7 if "No space left on device" in str(error) else 8) from error

        assert in_child(work) == 7
        assert in_child(lambda run=run: trained(packages["plain"], run, resume=True)) == 0  # type: ignore[misc]
        assert left(run) == whole, number


def checkpoints_of(run: Path) -> list[Path]:
    return sorted((run / "checkpoints").glob("checkpoint-*"))


def stopped(package: ModuleType, run: Path) -> None:
    """A run that was stopped after some epochs."""

    def work() -> None:
        note, kind = 0, package.train.__globals__["Checkpoints"]
        reached = kind.reached

        def counted(self: object, count: int) -> None:
            nonlocal note
            note += 1
            if note == 5:
                os.kill(os.getpid(), signal.SIGINT)
            reached(self, count)

        kind.reached = counted
        trained(package, run)

    assert in_child(work) == 130


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(
    tmp_path: Path, packages: dict[str, ModuleType], capfd: pytest.CaptureFixture[str]
) -> None:
    package = packages["plain"]
    whole = uninterrupted(package, tmp_path / "whole")
    stopped(package, tmp_path / "stopped")
    newest = checkpoints_of(tmp_path / "stopped")[-1].name
    chance = random.Random(1)
    for index, file in enumerate(sorted((tmp_path / "stopped/checkpoints" / newest).iterdir())):
        for how in ("flipped", "truncated", "missing")[: 1 if index % 2 else 3]:
            run = tmp_path / f"run{index}{how}"
            shutil.copytree(tmp_path / "stopped", run)
            damaged = run / "checkpoints" / newest / file.name
            content = bytearray(damaged.read_bytes())
            offset = chance.randrange(len(content))
            if how == "flipped":
                content[offset] ^= 1 << chance.randrange(8)
            elif how == "truncated":
                del content[offset:]
            damaged.write_bytes(bytes(content))
            if how == "missing":
                damaged.unlink()
            capfd.readouterr()
            assert in_child(lambda run=run: trained(package, run, True), quiet=False) == 0  # type: ignore[misc]
            said = capfd.readouterr().err
            assert f"{newest} is damaged: " in said
            assert f"{file.name} is not what was written" in said or file.name == "SHA256SUMS"
            older = checkpoints_of(tmp_path / "stopped")[-2]
            assert f"going on from {run / 'checkpoints' / older.name}" in said
            assert left(run) == whole
            assert (run / f"checkpoints/damaged-{newest}").exists()


def test_what_is_not_its_own_is_refused(tmp_path: Path, packages: dict[str, ModuleType]) -> None:
    run = tmp_path / "run"
    stopped(packages["plain"], run)
    error = packages["plain"].train.__globals__["Checkpoints"].begin.__globals__["CheckpointError"]
    with pytest.raises(error, match="training that did not end"):
        packages["plain"].train(run=run)
    with pytest.raises(error, match="seed is 5 there and 6 here"):
        packages["plain"].train(run=run, resume=True, seed=6)
    with pytest.raises(error, match="only a run with a folder"):
        packages["plain"].train(resume=True)
    others = {
        "hidden.weight is \\(8, 5\\) float32 there and \\(9, 5\\) float32 here": (
            "out_features = 8",
            "out_features = 9",
        ),
        "optimizer is Adam there and SGD here": ('"Adam"', '"SGD"'),
        "optimizer.param_groups.0.lr is 0.02 there and 0.03 here": ("lr = 0.02", "lr = 0.03"),
        "batch_size is 16 there and 20 here": ("batch_size = 16", "batch_size = 20"),
        "rows is 40 there and 48 here": ("n_samples = 50", "n_samples = 60"),
        "clip_grad_norm is here, and not there": ("seed = 5", "seed = 5\nclip_grad_norm = 1.0"),
    }
    for number, (said, (old, new)) in enumerate(others.items()):
        text = spec_of().replace(old, new).replace('"Net"', f'"Other{number}"')
        other = built(text, tmp_path)
        error = other.train.__globals__["Checkpoints"].begin.__globals__["CheckpointError"]
        with pytest.raises(error, match=said):
            other.train(run=run, resume=True)
    assert in_child(lambda: trained(packages["plain"], run, resume=True)) == 0


def test_a_run_that_has_ended_goes_on_with_more_epochs(
    tmp_path: Path, packages: dict[str, ModuleType]
) -> None:
    package, run = packages["plain"], tmp_path / "run"
    whole = uninterrupted(package, tmp_path / "whole", epochs=9)
    uninterrupted(package, run, epochs=4)
    assert in_child(lambda: trained(package, run, True, epochs=9)) == 0
    assert left(run) == whole
    # Without resume, it is trained anew.
    assert uninterrupted(package, run, epochs=9) == whole
    assert len(checkpoints_of(run)) == 2


def test_a_run_without_a_seed_goes_on_from_its_first_checkpoint(tmp_path: Path) -> None:
    package = built(spec_of().replace("seed = 5\n", ""), tmp_path)
    package.train()

    def ended(run: Path) -> tuple[str, str]:
        assert in_child(lambda: trained(package, run, resume=True)) == 0
        return left(run)

    stopped(package, tmp_path / "run")
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    assert ended(tmp_path / "run") == ended(tmp_path / "copy")
    state = json.loads((checkpoints_of(tmp_path / "run")[-1] / "state.json").read_text())
    assert len(state["log"]["rows"]) == 6


def test_the_best_checkpoint_is_kept(tmp_path: Path, packages: dict[str, ModuleType]) -> None:
    run = tmp_path / "run"
    assert in_child(lambda: trained(packages["stopping"], run)) == 0
    (best,) = (run / "checkpoints").glob("best-*")
    rows = json.loads((run / "result.json").read_text())["history"]
    kept = json.loads((best / "state.json").read_text())["log"]["rows"][-1]
    assert kept == max(rows, key=lambda row: row["validation_accuracy"])
    assert_same_weights(packages["stopping"].load(run / "best.pt"), best)
    # A run that begins anew in the same folder has no best weights yet.
    error = ValueError

    def stopped() -> None:
        kind = packages["stopping"].train.__globals__["Checkpoints"]
        kind.note = lambda self, value: (_ for _ in ()).throw(error)
        trained(packages["stopping"], run)

    assert in_child(stopped) == 1
    assert not (run / "best.pt").exists()


def assert_same_weights(model: Any, checkpoint: Path) -> None:
    kept = load_file(checkpoint / "model.safetensors")
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, kept[name])


BEST = 'metrics = ["accuracy"]\ncheckpoint = { every = 1, best = "validation_accuracy" }\n'
LEARNED = (
    spec_of(training='checkpoint = { every = 1, best = "validation_loss" }\n')
    .replace('"BCEWithLogitsLoss"', '"LinearCrossEntropyLoss"\nnum_classes = 2')
    .replace(', "ReLU", { name = "output", type = "Linear", out_features = 1 }', "")
)


@pytest.mark.parametrize("kind", ["plain", "averaged", "learned"])
def test_the_best_weights_of_a_run_are_used_where_that_is_asked(
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = LEARNED if kind == "learned" else spec_of(training=BEST)
    if kind == "averaged":
        text = text.replace("seed = 5", "seed = 5\nema = { decay = 0.5 }")
    package = built(
        text.replace('"Net"', f'"Best_{kind}"').replace("lr = 0.02", "lr = 0.5"), tmp_path
    )
    name = package.__name__

    monkeypatch.chdir(tmp_path)

    def done(*arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO('{"features": [1, 2, 3, 4, 5]}'))
        with contextlib.suppress(SystemExit):
            sys.modules[f"{name}.__main__"].main()
        return capsys.readouterr()

    told = done("train", "--epochs", "8")
    assert told[1].endswith(f"weights, best weights and log are in runs/{name}\n")
    folder = tmp_path / "runs" / name
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    best = min(rows, key=lambda row: -row.get("validation_accuracy", -row["validation_loss"]))
    assert best != rows[-1]
    for row, option in ((rows[-1], []), (best, ["--best"])):
        measured = json.loads(done("evaluate", *option)[0])
        del measured["part"]
        assert measured == {key: row[f"validation_{key}"] for key in measured}
    answers = [done("predict", "-", *option)[0] for option in ([], ["--best"])]
    assert answers[0] != answers[1]
    # So does a run that was stopped.
    (folder / "weights.pt").unlink()
    assert done("predict", "-", "--best")[0] == answers[1]
    (folder / "best.pt").unlink()
    refused = done("evaluate", "--best")
    assert refused[1].endswith(f"there is no runs/{name}/best.pt: train a model first\n")
    assert "best.pt" in done("evaluate", "--help")[0]


def test_weights_that_cannot_be_written_leave_the_best_ones_whole(
    tmp_path: Path, packages: dict[str, ModuleType]
) -> None:
    package, run = packages["stopping"], tmp_path / "run"

    def full() -> None:
        writes = package.train.__globals__["save"]
        count = 0

        def save(model: object, path: Path) -> None:
            nonlocal count
            count += 1
            writes(model, path)
            if count == 2:
                path.write_bytes(path.read_bytes()[:100])
                raise RuntimeError("PytorchStreamWriter failed writing file")

        package.train.__globals__["save"] = save
        try:
            trained(package, run)
        except ValueError as error:
            raise SystemExit(7 if "the one before it is whole" in str(error) else 8) from error

    assert in_child(full) == 7
    package.load(run / "best.pt")
    assert in_child(lambda: trained(package, run, resume=True)) == 0
    assert left(run) == uninterrupted(package, tmp_path / "whole")


def test_a_second_signal_leaves_at_once(tmp_path: Path, packages: dict[str, ModuleType]) -> None:
    def work() -> None:
        kind = packages["plain"].train.__globals__["Checkpoints"]
        pause, count = kind.pause, 0

        def twice(self: object) -> None:
            nonlocal count
            count += 1
            if count == 4:
                os.kill(os.getpid(), signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGINT)
                raise AssertionError
            pause(self)

        kind.pause = twice
        trained(packages["plain"], tmp_path / "run")

    assert in_child(work) == 130
    assert len(checkpoints_of(tmp_path / "run")) == 1


@pytest.mark.parametrize("length", ["epochs = 6", "steps = 18\nlog = { every = 4 }"])
def test_a_run_whose_time_was_over_goes_on_to_the_same_end(tmp_path: Path, length: str) -> None:
    scheduler = '[scheduler]\ntype = "StepLR"\nstep_size = 1\n'
    training = f'time_limit = "1h"\n{length}\ncheckpoint = {{ every = 4 }}\n'
    package = built(spec_of(training=training, rest=scheduler), tmp_path)
    package.train()
    whole = uninterrupted(package, tmp_path / "whole")

    def limited() -> None:
        package.train.__globals__["TIME_LIMIT"] = 1e-9
        trained(package, tmp_path / "run")

    assert in_child(limited) == 0
    assert left(tmp_path / "run") != whole
    assert in_child(lambda: trained(package, tmp_path / "run", resume=True)) == 0
    ended = left(tmp_path / "run")
    # Where steps are counted, the log has a row of when the time was over, too.
    assert ended == whole or "steps" in length
    assert json.loads(ended[0])["weights"] == json.loads(whole[0])["weights"]


@pytest.mark.slow
def test_streamed_and_augmented_rows_go_on_to_the_same_end(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    text = PICTURES.replace("seed = ", "checkpoint = { every = 1 }\nseed = ", 1)
    # Not trained here: the workers of processes that are forked would look for this one's.
    package = built(text, tmp_path)
    whole = uninterrupted(package, tmp_path / "whole", path=path)

    def stopped() -> None:
        kind, count = package.train.__globals__["Checkpoints"], 0
        pause = kind.pause

        def counted(self: object) -> None:
            nonlocal count
            count += 1
            pause(self)
            if count == 4:
                os.kill(os.getpid(), signal.SIGTERM)

        kind.pause = counted
        trained(package, tmp_path / "run", path=path)

    assert in_child(stopped) == 143
    assert in_child(lambda: trained(package, tmp_path / "run", True, path=path)) == 0
    assert left(tmp_path / "run") == whole
