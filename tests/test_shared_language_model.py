"""A language model trained as large ones are, with everything asked for at once, by torchrun."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from processes import rows_of, trained_by
from test_training import run
from training_package import built, files_of

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
MODEL = (ROOT / "tests/specs/gpt.toml").read_text().replace("vocab_size = 17", "vocab_size = 256")
TRAINING = """
[data]
type = "text"
path = "corpus.txt"
tokenizer = "bytes"
window = { length = "context" }
split = { train = 0.9, validation = 0.1 }

[loss]
type = "CrossEntropyLoss"
inputs = { input = "lm_head.flatten(0, 1)", target = "target.flatten()" }

[optimizer]
type = "AdamW"
lr = 6e-3
betas = [0.9, 0.95]
weight_decay = 0.1
param_groups = [{ match = ["*.bias", "LayerNorm.*"], weight_decay = 0.0 }]

[[scheduler]]
type = "LinearLR"
start_factor = 0.01
total_iters = 10
until = 10

[[scheduler]]
type = "CosineAnnealingLR"
T_max = "steps - 10"

[training]
steps = 40
batch_size = 16
accumulate = 2
precision = "bf16-mixed"
compile = true
clip_grad_norm = 1.0
checkpoint = { every = 20, keep = 2 }
ema = { decay = 0.9 }
distributed = "fsdp"
"""


def corpus(folder: Path) -> Path:
    words = "the cat sat on a mat and then the dog ran off with my hat".split()
    chance = random.Random(0)
    path = folder / "corpus.txt"
    path.write_text(" ".join(chance.choice(words) for _ in range(900)))
    return path


def test_it_is_compiled() -> None:
    name, files = files_of(MODEL + TRAINING)
    assert name == "gpt"
    compile(files["train.py"], "train.py", "exec")
    assert "shard(model, Block)" in files["train.py"]


@pytest.mark.slow
def test_its_package_is_formatted_linted_and_typed(tmp_path: Path) -> None:
    for kind in ("fsdp", "ddp"):
        text = MODEL + TRAINING.replace('"fsdp"', f'"{kind}"\non_nan = "skip"\ntime_limit = "1h"')
        (tmp_path / kind / "gpt").mkdir(parents=True)
        for path, content in files_of(text)[1].items():
            (tmp_path / kind / "gpt" / path).write_text(content)
        config = ("--config", str(ROOT / "templates/runtime/ruff.toml"))
        for command in (
            (str(TOOLS / "ruff"), "format", "--diff", *config, "gpt"),
            (str(TOOLS / "ruff"), "check", *config, "gpt"),
            (str(TOOLS / "mypy"), "--strict", "--no-error-summary", "-p", "gpt"),
        ):
            done = subprocess.run(
                command, cwd=tmp_path / kind, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_two_processes_train_it_as_one(tmp_path: Path) -> None:
    text = TRAINING.replace("compile = true", "seed = 1").replace('precision = "bf16-mixed"', "")
    package = built((MODEL + text).replace("dropout = 0.1", "dropout = 0.0"), tmp_path)
    path = corpus(tmp_path)
    assert trained_by(1, package, tmp_path / "one", path=path) == [0]
    assert trained_by(2, package, tmp_path / "two", path=path) == [0, 0]
    for ours, theirs in zip(rows_of(tmp_path / "two"), rows_of(tmp_path / "one"), strict=True):
        assert ours == pytest.approx(theirs, rel=2e-4)


@pytest.mark.slow
def test_torchrun_trains_it(tmp_path: Path) -> None:
    built(MODEL + TRAINING, tmp_path)
    corpus(tmp_path)
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone")
    train = ("--nproc-per-node", "2", "-m", "--", "gpt", "train", "--no-compiled", "--run", "run")
    done = run(tmp_path, *torchrun, *train)
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path / "run")
    assert rows[-1]["step"] == 40
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] - 0.5
    again = run(tmp_path, sys.executable, "-m", "gpt", "evaluate", "--run", "run")
    assert json.loads(again.stdout) == json.loads(done.stdout)
    # One process does not go on where two were.
    alone = run(tmp_path, sys.executable, "-m", "gpt", "train", "--resume", "--run", "run")
    assert (alone.returncode, "processes is 2 there and 1 here" in alone.stderr) == (2, True)
